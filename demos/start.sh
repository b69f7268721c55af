# shellcheck shell=sh
# What the scripts of the demonstrations have in common. They set $here, their own directory.

home=$(readlink -f "$here/../..")
classes=$home/target/demos/${here##*/}

say() {
    echo "${here##*/}: $*" >&2
}

# shellcheck source-path=SCRIPTDIR source=../src/launcher/descriptors.sh
. "$home/src/launcher/descriptors.sh"
# shellcheck source-path=SCRIPTDIR source=../src/launcher/find-java.sh
. "$home/src/launcher/find-java.sh"
# shellcheck source-path=SCRIPTDIR source=../src/launcher/make-directory.sh
. "$home/src/launcher/make-directory.sh"

compile() {
    "$java_home/bin/javac" -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC --release 22 -encoding UTF-8 \
        -cp "$home/target/classes" -sourcepath "$home/demos" -d "$1" "$here"/*.java
}

# Compiles the program NAME, with what it has in common with others, once, as each of its processes would do it again. Sets
# $java_home and $path, its class path.
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
        && [ -z "$(find "$here" "$here/.." -maxdepth 1 -name '*.java' -newer "$classes/$1.class" -print -quit)" ]; then
        return
    fi
    if ! mkdir -p "$home/target/demos" 2>/dev/null || ! [ -w "$home/target/demos" ]; then
        say "has to be compiled first, and $home/target/demos cannot be written. Run it once as the owner of $home."
        exit 1
    fi
    make_directory "$classes" compile
}
