package org.svcshare.demo;

import java.io.PrintStream;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.ircd.IrcdListener;

/// Prints what is said in the channel, as an IRC client would show it. A terminal that does not
/// keep up loses lines, not the demonstration its pace.
final class Transcript implements IrcdListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Transcript.class);
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final int[] COLOURS = {32, 36, 33, 35, 34, 31};
    private static final String CTCP = "\u0001";

    private final PrintStream out;
    private final boolean colour;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(1000);
    private final Thread printer = Thread.ofVirtual().name("transcript").unstarted(this::print);

    Transcript(PrintStream out, boolean colour) {
        this.out = out;
        this.colour = colour;
    }

    void start() {
        printer.start();
    }

    @Override
    public void said(String channel, String nick, String text) {
        if (!text.startsWith(CTCP) && !text.startsWith("SSMSG")) {
            line("<" + painted(nick) + "> " + clean(text));
        }
    }

    @Override
    public void joined(String channel, String nick) {
        line("* " + painted(nick) + " has joined " + channel);
    }

    @Override
    public void left(String channel, String nick, String why) {
        line(
                "* "
                        + painted(nick)
                        + " has left "
                        + channel
                        + (why.isEmpty() ? "" : ": " + clean(why)));
    }

    private void line(String text) {
        if (!lines.offer(LocalTime.now(ZoneId.systemDefault()).format(CLOCK) + " " + text)) {
            LOG.debug("the terminal does not keep up");
        }
    }

    /// Without what could steer the terminal.
    private static String clean(String text) {
        return text.replaceAll("\\p{Cntrl}", "");
    }

    private String painted(String nick) {
        String name = clean(nick);
        if (!colour) {
            return name;
        }
        int paint = COLOURS[Math.floorMod(name.hashCode(), COLOURS.length)];
        return "\u001b[1;" + paint + "m" + name + "\u001b[0m";
    }

    private void print() {
        try {
            while (true) {
                out.println(lines.take());
                out.flush();
            }
        } catch (InterruptedException e) {
            lines.forEach(out::println);
            out.flush();
        }
    }

    @Override
    public void close() {
        printer.interrupt();
        try {
            printer.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
