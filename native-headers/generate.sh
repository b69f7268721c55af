#!/bin/sh
# Generates src/main/java-generated from the headers and argument files beside this script.
#
#   generate.sh [--check] [extra jextract arguments]
#
#   --check   change nothing; exit 1 if the output differs from what is there
#
# JEXTRACT       the jextract to run; default: jextract from PATH
# JEXTRACT_ARGS  extra jextract arguments, split at blanks, e.g. "-I /path/to/clang/include"
# JAVA_HOME      where to look for a JDK 22+ javac, for the compile check; then PATH
#
# jextract runs in this script's directory: give absolute paths in extra arguments. A
# compile_flags.txt placed there takes effect. Nothing is replaced before every check has passed.
#
# HEADER.ARCH.jextract reads HEADER.h as a compiler for ARCH does, which needs that architecture's
# headers: Debian's libc6-dev-ppc64el-cross.
#
# Exit: 0 done, or no difference; 1 failed, or --check found a difference; 2 wrong usage.
set -eu

wanted='jextract 22 (build 22-jextract+6-47, or commit dd32493 of https://github.com/openjdk/jextract)'

note() {
    echo "generate.sh: $*" >&2
}

fail() {
    note "$*"
    exit 1
}

# --- arguments --------------------------------------------------------------------------------

if [ -n "${JEXTRACT_ARGS-}" ]; then
    set -f
    # shellcheck disable=SC2086  # splitting is the point
    set -- "$@" $JEXTRACT_ARGS
    set +f
fi

check=no
count=$#
while [ "$count" -gt 0 ]; do
    argument=$1
    count=$((count - 1))
    shift
    case $argument in
        --check) check=yes ;;
        -h | -\? | --help)
            sed -n '2,/^set -eu/{/^#/s/^# \{0,1\}//p;}' "$0"
            exit 0 ;;
        --output* | -t | --target-package* | --header-class-name*)
            note "$argument is fixed by this script and the argument files"
            exit 2 ;;
        *) set -- "$@" "$argument" ;;
    esac
done

# --- which jextract ---------------------------------------------------------------------------

if [ -n "${JEXTRACT-}" ]; then
    jextract=$(command -v "$JEXTRACT") || fail "JEXTRACT is '$JEXTRACT', which is not a program. Needed: $wanted"
else
    jextract=$(command -v jextract) || fail "no jextract: set JEXTRACT or put it on PATH. Needed: $wanted"
fi
case $jextract in
    /*) ;;
    *) jextract=$PWD/$jextract ;;
esac

# A build of one's own may tell no version. Even "22" is no proof: jextract still called itself 22
# when it had begun to emit JDK 23 calls. The output is therefore checked in any case.
version=$("$jextract" --version 2>&1 </dev/null | sed -n 's/^jextract \([0-9][0-9]*\).*/\1/p' | sed 1q)
case $version in
    22) ;;
    '') note "$jextract tells no version; its output decides" ;;
    *) fail "$jextract is jextract $version: its output does not fit --release 22. Needed: $wanted" ;;
esac

# --- which javac ------------------------------------------------------------------------------

javac=
for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/javac}" javac; do
    candidate=$(command -v "$candidate") || continue
    release=$("$candidate" -version 2>&1 | sed -n 's/^javac \([0-9][0-9]*\).*/\1/p')
    if [ "${release:-0}" -ge 22 ]; then
        javac=$candidate
        break
    fi
done
case $javac in
    '' | /*) ;;
    *) javac=$PWD/$javac ;;
esac

# --- generate into a temporary directory and check --------------------------------------------

CDPATH='' cd -- "$(dirname -- "$0")"
target=$(cd ../src/main && pwd)/java-generated

tmp=$(mktemp -d "${TMPDIR:-/tmp}/shm4j-generate.XXXXXX")
trap 'rm -rf "$tmp" "$target.new"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
tmp=$(cd "$tmp" && pwd)
mkdir "$tmp/before" "$tmp/after" "$tmp/classes"

[ ! -e compile_flags.txt ] || note "using $PWD/compile_flags.txt"

# The folder in which jextract finds the flags for another architecture.
folder_for() {
    case $1 in
        ppc64le) gnu=powerpc64le-linux-gnu ;;
        *) fail "$args: no target is known for '$1'" ;;
    esac
    [ -d "/usr/$gnu/include" ] || fail "needs the headers in /usr/$gnu/include: apt-get install libc6-dev-ppc64el-cross"
    mkdir -p "$tmp/$1"
    cp ./*.h ./*.jextract "$tmp/$1/"
    printf '%s\n' "--target=$gnu" -nostdlibinc "-isystem/usr/$gnu/include" >"$tmp/$1/compile_flags.txt"
    echo "$tmp/$1"
}

packages=
for args in *.jextract; do
    name=${args%.jextract}
    arch=${name#*.}
    folder=.
    [ "$arch" = "$name" ] || folder=$(folder_for "$arch")
    name=${name%%.*}
    package=$(sed -n 's/^--target-package //p' "$args")
    class=$(sed -n 's/^--header-class-name //p' "$args")
    case $package in
        *[!a-z0-9.]* | *..* | *.) fail "$args: odd --target-package '$package'" ;;
        io.github.shm4j.internal.?*) ;;
        *) fail "$args: --target-package '$package' is not below io.github.shm4j.internal" ;;
    esac
    directory=$(echo "$package" | tr . /)
    packages="$packages $directory"
    out=$tmp/after/$directory

    (cd "$folder" && "$jextract" "@$args" --output "$tmp/after" "$@" "$name.h") ||
        fail "jextract failed on $name.h ($args); nothing was changed"
    [ -s "$out/$class.java" ] || fail "jextract did not write $directory/$class.java; nothing was changed"

    # SymbolLookup.findOrThrow is JDK 23+. jextract 22 calls a static method of the header class instead.
    if (cd "$out" && grep -n '\.findOrThrow(' ./*.java /dev/null) |
        grep -v "[^.A-Za-z0-9_\$]$class\.findOrThrow(" >"$tmp/too-new"; then
        sed 3q "$tmp/too-new" >&2
        fail "this jextract emits SymbolLookup.findOrThrow (JDK 23+); nothing was changed. Needed: $wanted"
    fi

    # jextract passes over a name it does not find, so look for each.
    sed -n 's/^--include-\([a-z]*\) /\1 /p' "$args" >"$tmp/symbols"
    while read -r kind symbol; do
        case $kind in
            constant | function) file=$class pattern="^    public static [A-Za-z]* $symbol(" ;;
            *) file=$symbol pattern="^public class $symbol " ;;
        esac
        grep -qs "$pattern" "$out/$file.java" ||
            fail "$kind $symbol ($args) is not in the output: too old headers, or misspelt? Nothing was changed"
    done <"$tmp/symbols"
done

if [ -n "$javac" ]; then
    (
        cd "$tmp/after" &&
            find . -name '*.java' >"$tmp/sources" &&
            "$javac" --release 22 -d "$tmp/classes" "@$tmp/sources" >"$tmp/javac.log" 2>&1
    ) || {
        cat "$tmp/javac.log" >&2
        fail "the output does not compile with --release 22; nothing was changed"
    }
else
    note "no JDK 22+ javac in JAVA_HOME or on PATH: the output was not compiled"
fi

# --- compare, then replace --------------------------------------------------------------------

for directory in $packages; do
    mkdir -p "$tmp/before/$directory"
    [ ! -d "$target/$directory" ] || cp -R "$target/$directory/." "$tmp/before/$directory/"
done

difference=0
(cd "$tmp" && diff -ru before after) || difference=$?
case $difference in
    0) note "no difference" ;;
    1)
        [ "$check" = no ] || fail "the output differs from $target"
        rm -rf "$target.new"
        cp -R "$tmp/after" "$target.new"
        for directory in $packages; do
            mkdir -p "$target/$directory"
            rm -rf "${target:?}/$directory"
            mv "$target.new/$directory" "$target/$directory"
        done
        note "rewrote$packages" ;;
    *) fail "diff failed; nothing was changed" ;;
esac
