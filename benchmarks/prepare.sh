# shellcheck shell=sh
# What benchmarks/run and jcstress/run have in common, for them to read: a clean environment, a build of the library and of
# the project beside it, and a Java to run it. They say in $home where their project is.

root=$(dirname "${home:?the directory of the project}")
target=$home/target

say() {
    echo "${home##*/}: $*" >&2
}

# Whoever closed a standard stream would get the next file that is opened in its place. Nobody reads standard input, which
# may be a terminal that stops who reads it in the background.
exec </dev/null
[ -e /proc/self/fd/1 ] || exec >/dev/null
[ -e /proc/self/fd/2 ] || exec 2>/dev/null

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

# Builds the project into a jar, if that is stale, and the library, unless another project's script has done that.
build() {
    is_stale "$1" "$root/pom.xml" "$root/src/main" "$home/pom.xml" "$home/src" || return 0
    say "building ..."
    if is_stale "$repository/library-is-installed" "$root/pom.xml" "$root/src/main"; then
        (cd "$root" && maven -Dmaven.test.skip=true -Dmaven.javadoc.skip=true -Dmaven.source.skip=true \
            -Dspotless.check.skip=true install)
        touch "$repository/library-is-installed"
    fi
    (cd "$root" && maven -f "$home/pom.xml" package)
    touch "$1"
}

# The feature release of a Java home, if it is 22 or newer; nothing otherwise.
fitting() {
    [ -x "$1/bin/java" ] || return 0
    feature=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null) || return 0
    [ "${feature:-0}" -lt 22 ] || echo "$feature"
}

# The Java home to use: JAVA_HOME, or that of the java on the path, also behind a shim which only starts it, or the newest.
find_java() {
    on_path=$(command -v java) || on_path=
    asked=
    if [ -n "$on_path" ]; then
        asked=$("$on_path" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    fi
    for candidate in "${JAVA_HOME-}" "$asked"; do
        if [ -n "$candidate" ] && [ -n "$(fitting "$candidate")" ]; then
            echo "$candidate"
            return
        fi
    done
    newest=
    newest_feature=0
    for candidate in /usr/lib/jvm/* /usr/java/* /opt/* "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/*; do
        feature=$(fitting "$candidate")
        if [ "${feature:-0}" -gt "$newest_feature" ]; then
            newest=$candidate
            newest_feature=$feature
        fi
    done
    if [ -z "$newest" ]; then
        say "needs a JDK 22 or newer; set JAVA_HOME to one"
        return 1
    fi
    echo "$newest"
}
