package io.github.shm4j.cli;

import io.github.shm4j.cli.list.Column;
import io.github.shm4j.cli.list.SortOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the completion script for bash from the commands' own options and parameters.
 *
 * <p>The script starts no program: what blocks there are, it reads from {@code /proc/sysvipc/shm}, as {@code list} does.
 */
final class BashCompletion {

    /** What is the same whatever the commands are. */
    private static final String FRAME =
            """
                    # Completion of shm4j for bash. The build makes it from the commands; do not edit.

                    # The keys and the ids of the blocks that there are.
                    _shm4j_blocks() {
                        local key id rest IFS=$' \\t\\n'
                        { read -r rest; while read -r key id rest; do
                            [ "$key" = 0 ] || printf '0x%08x\\n' $((key & 0xffffffff))
                            echo "id:$id"
                        done; } 2>/dev/null </proc/sysvipc/shm
                    }

                    # Chooses those of the words that begin as $1 does; bash puts them behind its last word break.
                    _shm4j_choose() {
                        local start=$1 broken=; shift
                        case $COMP_WORDBREAKS in *:*) case $start in *:*) broken=${start%:*}: ;; esac ;; esac
                        local IFS=$'\\n'
                        COMPREPLY=($(compgen -W "$*" -- "$start"))
                        COMPREPLY=("${COMPREPLY[@]#"$broken"}")
                    }

                    # Completes a value: $1 says of what kind, $2 is its beginning, the rest are words to choose from.
                    _shm4j_value() {
                        local kind=$1 start=$2 before=; shift 2
                        local IFS=$'\\n'
                        case $kind in
                        files)
                            compopt -o filenames
                            COMPREPLY=($(compgen -f -- "$start"))
                            return ;;
                        blocks) set -- $(_shm4j_blocks) ;;
                        users) set -- $(compgen -u) ;;
                        columns | sort)
                            # In a list it is the last one that is not complete yet.
                            case $start in *,*) before=${start%,*}, start=${start##*,} ;; esac
                            case $start in [a-z]*) set -- $(printf '%s\\n' "$@" | tr A-Z a-z) ;; esac
                            case $kind in sort) set -- "$@" "${@/%/:desc}" ;; esac
                            set -- "${@/#/$before}" ;;
                        esac
                        _shm4j_choose "$before$start" "$@"
                    }

                    _complete_shm4j() {
                        local line=${COMP_LINE:0:COMP_POINT} path= option= index=0 word kind start
                        start=${line##*[[:space:]]}
                        local words options=() values=()
                        read -ra words <<<"${line%"$start"}"
                        for word in "${words[@]}"; do
                            if [ -z "$path" ]; then
                                path=shm4j
                            elif [ -n "$option" ]; then
                                option=
                            elif _shm4j_is_command "$path $word"; then
                                path="$path $word"
                            else
                                case $word in
                                --*=*) ;;
                                -*) _shm4j_option "$path" "$word" && [ -n "$kind" ] && option=$word ;;
                                *) index=$((index + 1)) ;;
                                esac
                            fi
                        done
                        COMPREPLY=()
                        case $start in
                        --*=*)
                            if [ -z "$option" ]; then
                                _shm4j_option "$path" "${start%%=*}" && _shm4j_value "$kind" "${start#*=}" "${values[@]}"
                                return
                            fi ;;
                        esac
                        if [ -n "$option" ]; then
                            _shm4j_option "$path" "$option" && _shm4j_value "$kind" "$start" "${values[@]}"
                            return
                        fi
                        _shm4j_parameter "$path" "$index"
                        case $start in
                        -*) _shm4j_choose "$start" "${options[@]}" ;;
                        *) [ -z "$kind" ] || _shm4j_value "$kind" "$start" "${values[@]}" ;;
                        esac
                    }

                    complete -F _complete_shm4j shm4j
                    """;

    private final StringBuilder commands = new StringBuilder();
    private final StringBuilder options = new StringBuilder();
    private final StringBuilder parameters = new StringBuilder();

    private BashCompletion() {}

    static String of(CommandLine all) {
        BashCompletion script = new BashCompletion();
        script.add(all, all.getCommandName());
        for (String program : Main.PROGRAMS_OF_THE_JDK) {
            script.addProgram(all.getCommandName() + " " + program);
        }
        return "_shm4j_is_command() {\n    case $1 in\n" + script.commands + "    *) return 1 ;;\n    esac\n}\n\n"
                + "# Sets kind, empty for an option without a value, and values.\n"
                + "_shm4j_option() {\n    values=() kind=\n    case \"$1 $2\" in\n" + script.options
                + "    *) return 1 ;;\n    esac\n}\n\n"
                + "# Sets options, kind and values, of which the last two are those of the parameter that is the $2nd.\n"
                + "_shm4j_parameter() {\n    values=() kind=\n    case $1 in\n" + script.parameters + "    esac\n}\n\n"
                + FRAME;
    }

    private void add(CommandLine command, String path) {
        CommandSpec spec = command.getCommandSpec();
        List<String> names = new ArrayList<>();
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                names.addAll(List.of(option.names()));
                String patterns = Arrays.stream(option.names()).map(name -> quote(path + " " + name))
                        .collect(Collectors.joining(" | "));
                options.append("    ").append(patterns).append(") ").append(kind(option)).append(" ;;\n");
            }
        }
        parameters.append("    ").append(quote(path)).append(")\n        options=(").append(String.join(" ", names))
                .append(")\n");
        if (!spec.subcommands().isEmpty()) {
            List<String> words = new ArrayList<>(spec.subcommands().keySet());
            if (command.getParent() == null) {
                words.addAll(List.of(Main.PROGRAMS_OF_THE_JDK));
            }
            parameters.append("        kind=words values=(").append(String.join(" ", words)).append(")\n");
        }
        if (!spec.positionalParameters().isEmpty()) {
            parameters.append("        case $2 in\n");
            for (PositionalParamSpec parameter : spec.positionalParameters()) {
                parameters.append("        ").append(indices(parameter)).append(") ").append(kind(parameter))
                        .append(" ;;\n");
            }
            parameters.append("        esac\n");
        }
        parameters.append("        ;;\n");
        for (var subcommand : spec.subcommands().entrySet()) {
            String below = path + " " + subcommand.getKey();
            commands.append("    ").append(quote(below)).append(") ;;\n");
            add(subcommand.getValue(), below);
        }
    }

    /** Adds a program of the JDK, whose options are not known here. */
    private void addProgram(String path) {
        commands.append("    ").append(quote(path)).append(") ;;\n");
        parameters.append("    ").append(quote(path)).append(")\n        options=() kind=files\n        ;;\n");
    }

    private static String indices(PositionalParamSpec parameter) {
        return parameter.arity().max() > 1 || parameter.index().isVariable()
                ? "*"
                : Integer.toString(parameter.index().min());
    }

    private static String kind(ArgSpec argument) {
        String label = argument.paramLabel();
        if (argument.isOption() && argument.arity().max() == 0) {
            return "kind=";
        }
        if (argument.typeInfo().isCollection()
                && argument.typeInfo().getAuxiliaryTypes()[0].equals(Column.class)) {
            return "kind=columns values=(" + columns() + ")";
        }
        if (argument.type().equals(SortOrder.class)) {
            return "kind=sort values=(" + columns() + ")";
        }
        if (argument.type().equals(Path.class)) {
            return "kind=files";
        }
        if (label.startsWith("KEY|ID")) {
            return "kind=blocks";
        }
        if (label.startsWith("USER")) {
            return "kind=users";
        }
        List<String> words = new ArrayList<>();
        if (argument.completionCandidates() != null) {
            argument.completionCandidates().forEach(words::add);
        }
        return words.isEmpty() ? "kind=value" : "kind=words values=(" + String.join(" ", words) + ")";
    }

    private static String columns() {
        return Arrays.stream(Column.values()).map(Column::name).collect(Collectors.joining(" "));
    }

    private static String quote(String text) {
        return "'" + text + "'";
    }
}
