"""A tree with SECRET in every place that can hold a word of the user's."""
import os

from support import make_tree, smaps_text, write

SECRET = "Xsecret"


def plant(root, processes=3):
    """A tree with SECRET in every place that can hold a word of the user's."""
    make_tree(root, processes)
    name = f"{SECRET}) S\n(b"
    body = smaps_text(1).split("\n", 1)[1]
    smaps = "".join(
        f"7e{number:04x}000-7e{number:04x}fff rw-p 00000000 fe:01 {number}      {path}\n"
        f"{body}"
        for number, path in enumerate((
            f"/home/{SECRET}/x.so (deleted)", f"/srv/a {SECRET}/b c", f"/opt/{SECRET}\\012x/y.jar",
            f"/memfd:{SECRET} (deleted)", f"[anon:{SECRET}]", f"/dev/shm/{SECRET}",
            f"/usr/lib/{SECRET}/libc.so.6", f"[anon_shmem:{SECRET}]", f"/SYSV{SECRET} (deleted)",
            f"[heap] {SECRET}", f"/dmabuf:{SECRET}", f"[{SECRET}]", f"socket:[{SECRET}]",
            f"/x (deleted) {SECRET} (deleted)", f"/tmp/{SECRET}\t{SECRET}",
            "/" + "a" * 4000 + f"/{SECRET}", f"/home/x.{SECRET}", f"/home/.{SECRET}",
            f"/usr/lib/x86_64-linux-gnu/{SECRET}/x.so.1"), 1)) + smaps_text(3)
    for pid in range(1, processes + 1):
        write(root, f"proc/{pid}/stat", f"{pid} ({name}) S 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 "
                                        f"1 0 {pid * 10} 3133440 364\n")
        write(root, f"proc/{pid}/status", "Name:\t" + name.replace("\n", "\\n") +
              f"\nPid:\t1\n{SECRET}\n")
        write(root, f"proc/{pid}/comm", name + "\n")
        write(root, f"proc/{pid}/cgroup", f"0::/user.slice/{SECRET}.service\n1:name={SECRET}:/\n"
                                          f"2:memory,cpu:/docker/{SECRET} (deleted)\n")
        for file in ("environ", "maps", "numa_maps", "mountinfo", "wchan", "task/7/comm"):
            write(root, f"proc/{pid}/{file}", f"{SECRET}\n")
        write(root, f"proc/{pid}/cmdline", f"/opt/{SECRET}/run\0--{SECRET}\0".encode())
        write(root, f"proc/{pid}/smaps", smaps)
        os.symlink(f"/opt/a b/{SECRET}\n (deleted)", f"{root}/proc/{pid}/exe")
    write(root, "proc/sys/kernel/hostname", f"{SECRET}.example\n")
    write(root, "proc/version", f"Linux version 6.1 (bob@{SECRET}) (gcc) #1 SMP\n")
    write(root, "proc/cmdline", f"root=/dev/x password={SECRET}\n")
    write(root, "proc/swaps", f"Filename Type\n/home/{SECRET}\\040x file 1 2 -2\n")
    write(root, "proc/mounts", f"{SECRET}:/x /mnt/{SECRET} nfs rw,addr={SECRET} 0 0\n"
          f"//{SECRET}/share /x cifs rw,username={SECRET},{SECRET} 0 0\n"
          f"overlay /o\\040{SECRET} overlay rw,lowerdir=/a/{SECRET}:/b/{SECRET} 0 0\n")
    write(root, "proc/self/mountinfo",
          f"36 35 98:0 /{SECRET} /{SECRET} rw - fuse.{SECRET} {SECRET} rw,dir=/{SECRET}\n"
          f"{SECRET} {SECRET} rest of an option {SECRET}\n")
    write(root, "sys/fs/cgroup/cgroup.controllers", "memory\n")
    write(root, f"sys/fs/cgroup/user.slice/{SECRET}.service/memory.current", "5\n")
    os.mkfifo(f"{root}/sys/fs/cgroup/user.slice/{SECRET}.service/memory.max")
