package org.svcshare.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Where a demonstration is played by programs: what people are told, and what is waited for.
final class Stage {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
    private static final long LOOK_MS = 20;

    private final PrintStream talk;
    private final List<OwnProgram> programs;
    private final long beganNanos = System.nanoTime();

    Stage(PrintStream talk, List<OwnProgram> programs) {
        this.talk = talk;
        this.programs = programs;
    }

    /// Something that comes true sooner or later.
    interface Condition {
        boolean holds() throws InterruptedException;
    }

    void start() throws IOException {
        for (OwnProgram program : programs) {
            program.start();
        }
    }

    /// Returns when all have ended.
    void stop() {
        try (var stopping = Executors.newVirtualThreadPerTaskExecutor()) {
            programs.forEach(program -> stopping.execute(() -> program.stop(STOP_LIMIT)));
        }
    }

    /// @throws IOException when it does not come true, or a program ends by itself; the message is
    ///   for people
    void await(String what, Condition condition) throws InterruptedException, IOException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            for (OwnProgram program : programs) {
                if (program.died()) {
                    throw new IOException(program.name + " has ended:\n" + program.lastWords());
                }
            }
            if (System.nanoTime() > until) {
                throw new IOException(
                        "after " + PATIENCE.toSeconds() + " s there is not yet: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    /// Before it begins.
    void introduce(String text) {
        talk.println(text);
        talk.flush();
    }

    @SuppressWarnings("AnnotateFormatMethod") // its annotation would be a library of its own
    void say(String text, Object... values) {
        double seconds = (System.nanoTime() - beganNanos) / 1e9;
        talk.println(
                String.format(Locale.ROOT, "%7.1f s  ", seconds)
                        + String.format(Locale.ROOT, text, values));
        talk.flush();
    }
}
