# shellcheck shell=sh
# Makes the directory $1 anew by a command that fills the one that it is given: whole, or not at all, whatever ends it. Two
# that do so at the same time do not write into each other. Others may read it, also if root has been the first.
make_directory() (
    directory=$1
    shift
    made=$(mktemp -d "$directory.XXXXXX")
    trap 'rm -rf "$made"' EXIT
    trap 'exit 1' HUP INT TERM
    chmod 755 "$made"
    "$@" "$made"
    rm -rf "$directory"
    mv -T "$made" "$directory" 2>/dev/null || true
)
