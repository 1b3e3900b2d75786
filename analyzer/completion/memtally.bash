# bash completion for memtally: commands, the options that each takes, columns, bundles

# Names after -c and -s. The list of -c is separated by commas: the names before the last comma
# stay in front of what is offered.
_memtally_columns() {
    local current=$1 names=$2 before=
    [[ $current == *,* ]] && before=${current%,*},
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$names" -- "${current##*,}")
    compopt -o nospace 2>/dev/null
}

_memtally() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands='ledger ps maps pmap share kernel pages cgroups diff check info verify'
    local options='--json -b --bytes -k --kibi -m --mebi -g --gibi -h --human -H --no-headings --help'
    local table='-c --columns -s --sort -r --reverse -n --rows'
    local columns='' command=${COMP_WORDS[1]}
    local groups='processes unread rss pss uss low high ownlow ownhigh withlow withhigh freedlow freedhigh
        cachelow cachehigh shmemlow shmemhigh swaplow swaphigh pagetables stacks onemore fit group'
    COMPREPLY=()
    case $command in
    ledger)
        options+=" $table -a --all -v --verbose --explain --baseline"
        columns='size % grade line id source usual change mark'
        ;;
    ps)
        options+=" $table -P --process -U --user -M --map -t --totals -a --all -u --users
            --mappings -p --percent --group --baseline"
        columns='pid ppid uid user vss rss pss uss swap swappss epss virt res shr %mem hugetlb
            pagetables stacks locked thp pssanon pssfile pssshmem pssdirty freed maps threads minflt
            majflt start oom oomadj usual change mark outcome source cgroup exe comm name command'
        case " ${COMP_WORDS[*]} " in
        *' -u '* | *' --users '*)
            columns='user count swap swappss uss pss rss vss epss hugetlb pagetables stacks freed
                threads unread'
            ;;
        *' --mappings '*)
            columns='count pids swap swappss uss pss rss vss avgpss avguss avgrss locked thp map'
            ;;
        *' --group '*)
            columns=$groups
            ;;
        esac
        ;;
    maps)
        options+=" $table -P --process -U --user -M --map -a --all --sharers --group"
        columns='kind state resident vss rss pss uss avgpss swap hugetlb sharers maps inode
            hugelow hugehigh reslow reshigh owner shmid creator attached shmuid paths name'
        [[ " ${COMP_WORDS[*]} " == *' --group '* ]] && columns='kind sharers rss pss uss swap hugetlb low
            high ownlow ownhigh withlow withhigh group name'
        ;;
    share)
        options+=" $table --pid --group"
        columns='kind sharers low high grade anylow anyhigh pid comm'
        case " ${COMP_WORDS[*]} " in
        *' --group '*)
            columns=$groups
            ;;
        esac
        ;;
    pmap)
        options+=" $table -t --totals -x --extended -X --details -d --device -p --show-path -q --quiet
            -l --long --classes"
        columns='address size rss pss uss dirty anon copied referenced swap swappss hugetlb thp
            locked page mode kind class offset inode flags name'
        ;;
    kernel)
        options+=' -n --rows -a --all --only'
        columns='slab vmalloc modules processes pools shared' # sections, as a list as well
        ;;
    pages)
        options+=" $table --pid"
        columns='pid rss smapsrss uss smapsuss pss smapspss swap smapsswap swappss merged thp
            hugetlb special device unread all comm'
        ;;
    cgroups)
        options+=" $table -a --all"
        columns='charged own limit peak anon file shmem mapped unmapped kernel stack pagetables percpu
            slab vmalloc sock swap zswap pss out outmax in inmax procs ownprocs unread dying hits
            oomkills container runtime pod unit name'
        ;;
    diff)
        options+=' -n --rows -a --all --by --pid --group'
        columns='ledger group program process class object mapping kernel' # the levels
        ;;
    check)
        options+=" $table -v --verbose --identities --rules --baseline"
        columns='verdict id left right difference tolerance leftname relation rightname reason usual mark'
        ;;
    info)
        options+=' -a --all'
        ;;
    verify)
        options+=' --words -i --ignore-case --short'
        ;;
    esac

    case $previous in
    --explain)
        mapfile -t COMPREPLY < <(compgen -W "list $(memtally ledger --explain list - 2>/dev/null)" -- "$current")
        return
        ;;
    -c | --columns | -s | --sort | --only | --by)
        [[ $columns ]] && _memtally_columns "$current" "$columns"
        return
        ;;
    -n | --rows | -P | --process | -U | --user | -M | --map)
        return
        ;;
    esac
    if [[ $current == -* ]]; then
        ((COMP_CWORD == 1)) && options+=' -V --version'
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
        return
    fi
    ((COMP_CWORD == 1)) && mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
    compopt -o filenames 2>/dev/null
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
}
complete -F _memtally memtally
