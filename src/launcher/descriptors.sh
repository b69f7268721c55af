# shellcheck shell=sh
# Opens the standard descriptors that are closed. A closed one would go to whatever is opened next, and the JVM's own files
# would be read as standard input. One that is open the wrong way round fails whoever uses it, as a closed one does.

closed() {
    [ -d /proc/self/fd ] && ! [ -L "/proc/self/fd/$1" ]
}

! closed 0 || exec 0>/dev/null
! closed 1 || exec 1</dev/null
! closed 2 || exec 2</dev/null
