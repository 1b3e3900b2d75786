"""The files that a bundle holds, to be read once more by `cat`."""
import subprocess
import tarfile

NOT_FILES = (".link", ".list")  # targets of links and listings of folders


def files_of_bundle(bundle):
    """Paths on this machine of all regular files of /proc and /sys in it, in its order."""
    paths = {}
    with subprocess.Popen(["zstd", "-dcq", bundle], stdout=subprocess.PIPE) as unpacked:
        with tarfile.open(fileobj=unpacked.stdout, mode="r|", errors="surrogateescape") as archive:
            for entry in archive:
                path = entry.name.split("/", 1)[1].split(".part-")[0]
                if path.startswith(("proc/", "sys/")) and not path.endswith(NOT_FILES):
                    paths["/" + path] = None
                archive.members = []  # it would keep them all
    return list(paths)


def cat_command(bundle, list_file):
    """A command that reads them all; what vanished meanwhile is left out."""
    with open(list_file, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{path}\n" for path in files_of_bundle(bundle))
    return ["xargs", "-s", "1000000", "-d", "\\n", "-a", list_file, "cat"]
