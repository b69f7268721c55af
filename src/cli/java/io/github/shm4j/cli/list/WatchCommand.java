package io.github.shm4j.cli.list;

import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Ages;
import io.github.shm4j.cli.terminal.Key;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Screen;
import io.github.shm4j.cli.terminal.Table;
import io.github.shm4j.cli.terminal.Terminal;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j watch}. */
@Command(
        name = "watch",
        description = {
            "Shows blocks as list does, again and again, until q or Ctrl-C. Arrows and page keys scroll, < and > choose"
                    + " the column to sort by, r turns the order round, and h shows all keys.",
            "Marks what has just happened: + appeared, - vanished, ^ attached once more, ! became an orphan."
        })
public final class WatchCommand extends Subcommand {

    private static final long MOST_SECONDS = 86_400;

    @Mixin
    private BlockFilter filter = new BlockFilter();

    @Mixin
    private NumericMixin numeric = new NumericMixin();

    @Mixin
    private BlockTable layout = new BlockTable();

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "AGE",
            converter = Arguments.Age.class,
            description = "How long to wait between two looks; by default 1s.")
    private long interval = 1;

    @Option(names = "--once", description = "Look once, and do without a terminal.")
    private boolean once;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-i", "--interval")) {
            interval = Ages.parse(arguments.value());
        } else if (arguments.is("--once")) {
            once = arguments.flag();
        } else {
            return filter.takeOption(arguments) || numeric.takeOption(arguments) || layout.takeOption(arguments);
        }
        return true;
    }

    @Override
    public int run(Output out) throws IOException {
        if (interval < 1 || interval > MOST_SECONDS) {
            throw usage("--interval must be from 1s to 1d");
        }
        WatchView view = new WatchView(filter, layout, numeric.isSet());
        if (once) {
            view.refresh();
            int width = Terminal.is(Terminal.OUTPUT) ? Terminal.width() : Table.UNLIMITED;
            for (String line : view.lines(width, Terminal.hasColours())) {
                out.line(line);
            }
            Listing.sayIfNamesAreMissing();
            return DONE;
        }
        if (!Terminal.is(Terminal.INPUT) || !Terminal.is(Terminal.OUTPUT)) {
            throw usage("a live view needs a terminal; use --once without one");
        }
        watch(view);
        return DONE;
    }

    private void watch(WatchView view) throws IOException {
        boolean colours = Terminal.hasColours();
        try (Screen screen = new Screen()) {
            long next = System.nanoTime();
            Key key = Key.NONE;
            while (key != Key.QUIT) {
                // A key, or a new size of the screen, shows the same listing anew, so that marks last as long as they should.
                if (System.nanoTime() - next >= 0) {
                    view.refresh();
                    next += interval * 1_000_000_000;
                }
                Screen.Size size = screen.size();
                screen.show(view.lines(size.columns(), size.rows(), colours));
                key = screen.await(Math.max(1, (next - System.nanoTime()) / 1_000_000));
                view.press(key);
            }
        }
    }
}
