# shellcheck shell=sh
# Finds a Java 22+, for the scripts that start one: they define say, which tells the user something, and call require_java.
# Without starting a process where that can be avoided: each costs as much as a tenth of the JVM's start.

# Looks up a Java home's version in its release file: the feature release in $feature, nothing if it is not known, and the
# whole in $version.
look_up() {
    feature=
    version=
    [ -r "$1/release" ] || return 0
    while IFS='="' read -r name _ value _; do
        case $name in
            JAVA_RUNTIME_VERSION) version=$value ;;
            JAVA_VERSION)
                feature=${value%%[!0-9]*}
                version=${version:-$value}
                break
                ;;
        esac
    done <"$1/release"
}

# Asks a Java itself, which costs a start. This is for a shim, as asdf, jenv and mise put on the path, which only starts the
# Java that is meant, and for one without a release file. Where it is comes in $asked.
ask() {
    asked=
    feature=
    # A shim could lead back to here.
    [ -z "${SHM4J_ASKS-}" ] || return 0
    settings=$(
        export SHM4J_ASKS=1
        unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
        "$1" -XshowSettings:properties -version </dev/null 2>&1
    ) || return 0
    while read -r name _ value; do
        case $name in
            java.home) asked=$value ;;
            java.specification.version) feature=${value%%[!0-9]*} ;;
            java.runtime.version) version=$value ;;
        esac
    done <<END
$settings
END
}

# Whether what was looked up or asked is new enough, and has the program.
fits() {
    [ -n "$feature" ] && [ "$feature" -ge 22 ] && [ -x "$1/bin/$2" ]
}

# Finds the home of a Java 22+ that has a program, such as javac, which a JRE has not: $java_home, and its version in $jvm.
find_java() {
    java_home=${JAVA_HOME-}
    jvm=
    if [ -n "$java_home" ]; then
        look_up "$java_home"
        if fits "$java_home" "$1"; then
            jvm=$version
            return
        fi
    fi
    on_path=$(command -v java) || on_path=
    path_home=
    if [ -n "$on_path" ]; then
        path_home=$(readlink -f "$on_path") || path_home=
        path_home=${path_home%/bin/java}
        look_up "$path_home"
        if fits "$path_home" "$1"; then
            java_home=$path_home
            jvm=$version
            return
        fi
    fi
    newest=21
    for candidate in \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/lib/jvm/* /usr/local/java/* /usr/local/openjdk-* \
        /opt/* /opt/java/* /opt/jdk/* /snap/*/current/jdk \
        /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec /run/current-system/sw/lib/openjdk \
        "${SDKMAN_CANDIDATES_DIR:-${HOME-}/.sdkman/candidates}"/java/* \
        "${ASDF_DATA_DIR:-${HOME-}/.asdf}"/installs/java/* \
        "${MISE_DATA_DIR:-${XDG_DATA_HOME:-${HOME-}/.local/share}/mise}"/installs/java/* \
        "${JENV_ROOT:-${HOME-}/.jenv}"/versions/* \
        "${GRADLE_USER_HOME:-${HOME-}/.gradle}"/jdks/* "${GRADLE_USER_HOME:-${HOME-}/.gradle}"/jdks/*/* \
        "${HOME-}"/.jdks/* "${HOME-}"/.m2/jdks/* "${HOME-}"/.jbang/cache/jdks/* "${HOME-}"/.jabba/jdk/* \
        "${HOME-}"/.linuxbrew/opt/openjdk*/libexec "${HOME-}"/.nix-profile/lib/openjdk; do
        if [ -x "$candidate/bin/$1" ]; then
            look_up "$candidate"
            if fits "$candidate" "$1" && [ "$feature" -gt "$newest" ]; then
                newest=$feature
                java_home=$candidate
                jvm=$version
            fi
        fi
    done
    [ -z "$jvm" ] || return 0
    for program in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} ${on_path:+"$on_path"}; do
        asked=
        look_up "${program%/bin/java}"
        if [ -x "$program" ] && [ -z "$feature" ]; then
            ask "$program"
            if fits "$asked" "$1"; then
                java_home=$asked
                jvm=$version
                return
            fi
        fi
    done
    return 1
}

# Says why a Java is not the one: what it is in words, its home, its program java, and the program that is needed.
say_unfit() {
    look_up "$2"
    if ! [ -x "$3" ]; then
        say "$1, which has no bin/java."
        return
    fi
    [ -n "$feature" ] || ask "$3"
    if [ -z "$feature" ]; then
        say "$1, which does not say that it is Java 22 or newer."
    elif [ "$feature" -lt 22 ]; then
        say "$1, which is Java $feature."
    else
        say "$1, which is Java $feature without $4: a JRE, or a part of a JDK."
    fi
}

require_java() {
    find_java "$1" && return
    if [ "$1" = java ]; then
        say "needs Java 22 or newer, and found none in JAVA_HOME, on the path or in the usual places."
    else
        say "needs a JDK 22 or newer${2-}, with $1, and found none in JAVA_HOME, on the path or in the usual places."
    fi
    [ -z "${JAVA_HOME-}" ] || say_unfit "JAVA_HOME is $JAVA_HOME" "$JAVA_HOME" "$JAVA_HOME/bin/java" "$1"
    if [ -z "$on_path" ]; then
        :
    elif [ -x "$path_home/bin/java" ]; then
        say_unfit "The java on the path is that of $path_home" "$path_home" "$path_home/bin/java" "$1"
    else
        # A shim, which starts a Java that lies elsewhere.
        say_unfit "The java on the path is $on_path" "${on_path%/bin/java}" "$on_path" "$1"
    fi
    say "Install one (Eclipse Temurin 25, for example), or set JAVA_HOME to it."
    exit 1
}
