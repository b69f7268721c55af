# shellcheck shell=sh
# What the scripts of the demonstrations have in common. They set $here, their own directory.

home=$(readlink -f "$here/../..")
classes=$home/target/demos/${here##*/}

say() {
    echo "${here##*/}: $*" >&2
}

# shellcheck source-path=SCRIPTDIR source=../src/launcher/find-java.sh
. "$home/src/launcher/find-java.sh"

# Compiles the program NAME, once, as each of its processes would do it again, and sets $java_home and $path, its class path.
prepare() {
    # Java takes arguments and names of files for characters of the locale. This one has all, and needs no installation.
    LC_ALL=C.UTF-8
    export LC_ALL
    unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
    # Builds the library on first use and after a change.
    "$home/shm4j" --version >/dev/null
    require_java javac
    path=$home/target/classes:$classes
    if [ -e "$classes/$1.class" ] \
        && [ -z "$(find "$here" -name '*.java' -newer "$classes/$1.class" -print -quit)" ]; then
        return
    fi
    if ! mkdir -p "$home/target/demos" 2>/dev/null || ! [ -w "$home/target/demos" ]; then
        say "has to be compiled first, and $home/target/demos cannot be written. Run it once as the owner of $home."
        exit 1
    fi
    # Two first uses at the same time must not write into each other.
    made=$(mktemp -d "$classes.XXXXXX")
    chmod 755 "$made"
    if ! "$java_home/bin/javac" -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC --release 22 -encoding UTF-8 \
        -cp "$home/target/classes" -d "$made" "$here"/*.java; then
        rm -rf "$made"
        exit 1
    fi
    rm -rf "$classes"
    mv -T "$made" "$classes" 2>/dev/null || rm -rf "$made"
}
