# bash completion for memtally-collect
_memtally_collect() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    case $previous in
    -o | --output | --redact-key)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --proc-root)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        return
        ;;
    --redact)
        mapfile -t COMPREPLY < <(compgen -W 'cmdline cmdline:argv0 paths names all' -- "$current")
        return
        ;;
    --label | --repeat | --every | --read-timeout | --readers | --budget)
        return
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W '-o --output --label --repeat --every --proc-root --redact --redact-key
        --read-timeout --readers --budget --gentle --page-census --pages --urgent -q --quiet -v --verbose
        -h --help -V --version' -- "$current")
}
complete -F _memtally_collect memtally-collect
