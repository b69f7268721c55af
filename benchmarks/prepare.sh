# shellcheck shell=sh
# What benchmarks/run, jcstress/run, relay/run and relay/verify have in common, for them to read: a clean environment, a build of
# the library and of the project beside it, and a Java to run it. They say in $home where their project is.

root=$(dirname "${home:?the directory of the project}")
target=$home/target

say() {
    echo "${home##*/}: $*" >&2
}

# Nobody reads standard input, which may be a terminal that stops who reads it in the background.
exec </dev/null
# shellcheck source-path=SCRIPTDIR source=../src/launcher/descriptors.sh
. "$root/src/launcher/descriptors.sh"
# shellcheck source-path=SCRIPTDIR source=../src/launcher/find-java.sh
. "$root/src/launcher/find-java.sh"

# In a locale that is not installed, the JVM takes file names for ASCII and finds none that has other characters.
unset LANGUAGE
LC_ALL=C.UTF-8
export LC_ALL

# The options that a user has for each JVM may be what Maven needs to reach the network. A JVM that is measured must not have
# them, nor must the C library be tuned unless the run does it.
MAVEN_OPTS="${JAVA_TOOL_OPTIONS-} ${JDK_JAVA_OPTIONS-} ${_JAVA_OPTIONS-} ${MAVEN_OPTS-}"
export MAVEN_OPTS
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS GLIBC_TUNABLES

# The library goes into a repository of this checkout's own, in front of the user's, so that nobody else's snapshot is used by
# mistake and none of ours is left behind.
repository=$root/target/repository

maven() {
    "$root/mvnw" -q -B -ntp \
        -Dmaven.repo.local="$repository" \
        -Dmaven.repo.local.tail="${MAVEN_REPOSITORY:-${HOME-}/.m2/repository}" "$@"
}

# Whether a file is missing, or older than something that it is made from.
is_stale() {
    made=$1
    shift
    ! [ -f "$made" ] || [ -n "$(find "$@" -newer "$made" -type f -print -quit)" ]
}

# Puts the library where Maven finds it, as "install" would: the jar that there is, if it is not stale, or a new one.
provide_library() {
    version=$(sed -n 's|^    <version>\(.*\)</version>$|\1|p' "$root/pom.xml" | head -n 1)
    jar=$root/target/shm4j-$version.jar
    if is_stale "$jar" "$root/pom.xml" "$root/src/main"; then
        (cd "$root" && maven -Dmaven.test.skip=true package)
        # Maven leaves it as it is if nothing has changed of what goes into it.
        touch "$jar"
    fi
    place=$repository/io/github/shm4j/shm4j/$version
    mkdir -p "$place"
    cp "$jar" "$place/shm4j-$version.jar"
    cp "$root/pom.xml" "$place/shm4j-$version.pom"
}

# Builds the project into a jar, if that is stale, with further options for Maven, and the library. Sources of another project
# that go into the jar, too, are in $more_sources.
build() {
    built=$1
    shift
    is_stale "$built" "$root/pom.xml" "$root/src/main" "$home/pom.xml" "$home/src" ${more_sources:+"$more_sources"} || return 0
    say "building ..."
    provide_library
    (cd "$root" && maven -f "$home/pom.xml" "$@" package)
    touch "$built"
}
