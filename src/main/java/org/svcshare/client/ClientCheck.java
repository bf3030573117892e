package org.svcshare.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.ClientProgram.Probe;
import org.svcshare.turn.QueueSnapshot;

/// Looks at a client program once, for people: what answers, whether it lets us in, what it has to
/// do, and what will get in the way of taking turns.
public final class ClientCheck {
    private static final Duration SLOW = Duration.ofSeconds(1);

    private ClientCheck() {}

    /// @param probe empty when it did not tell
    /// @param letIn whether it answered with the credentials of the settings
    /// @param queue empty when it has none or did not tell
    /// @param roundTrip of the last question, for the first one may have to connect
    /// @param warnings what works, but not as one might think
    /// @param problem why it does not work; empty when all is well
    public record Outcome(
            Optional<Probe> probe,
            boolean letIn,
            Optional<QueueSnapshot> queue,
            Duration roundTrip,
            List<String> warnings,
            Optional<ClientException> problem) {

        public boolean ok() {
            return problem.isEmpty();
        }

        private String login() {
            if (letIn) {
                return "ok";
            }
            return problem.map(ClientException::kind).equals(Optional.of(Kind.UNAUTHORISED))
                    ? "failed"
                    : "unknown";
        }

        /// The same for people, a line each.
        public List<String> lines() {
            var lines = new ArrayList<String>();
            probe.ifPresent(
                    p -> lines.add(("program     " + p.name() + " " + p.version()).strip()));
            lines.add("login       " + login());
            queue.ifPresent(q -> {
                lines.add(
                        String.format(
                                Locale.ROOT,
                                "queue       %.1f MB + %.1f MB (%d more) at %d KB/s",
                                q.currentMb(),
                                q.restMb(),
                                q.items(),
                                q.speedBps() / 1024));
                lines.add("paused      " + (q.paused() ? "yes" : "no"));
            });
            lines.add("round trip  " + roundTrip.toMillis() + " ms");
            warnings.forEach(w -> lines.add("warning     " + w));
            problem.ifPresent(p -> lines.add("problem     " + p.getMessage()));
            return List.copyOf(lines);
        }
    }

    /// Asks, changes nothing; blocks for a few of the settings' timeouts at most.
    public static Outcome run(ClientProgram program) throws InterruptedException {
        Optional<Probe> probe = Optional.empty();
        long began = System.nanoTime();
        try {
            probe = Optional.of(program.probe());
            if (!program.asked()) {
                return outcome(
                        probe,
                        Optional.empty(),
                        since(began),
                        List.of(
                                "no queue to ask for: this bot never wins an election, only force"
                                        + " opens it"));
            }
            began = System.nanoTime();
            QueueSnapshot queue = program.snapshot();
            Duration roundTrip = since(began);
            return outcome(
                    probe, Optional.of(queue), roundTrip, warnings(program, queue, roundTrip));
        } catch (ClientException e) {
            boolean letIn =
                    probe.isPresent()
                            && e.kind() != Kind.UNAUTHORISED
                            && e.kind() != Kind.UNREACHABLE;
            return new Outcome(
                    probe, letIn, Optional.empty(), since(began), List.of(), Optional.of(e));
        }
    }

    private static Outcome outcome(
            Optional<Probe> probe,
            Optional<QueueSnapshot> queue,
            Duration roundTrip,
            List<String> warnings) {
        return new Outcome(probe, true, queue, roundTrip, List.copyOf(warnings), Optional.empty());
    }

    private static List<String> warnings(
            ClientProgram program, QueueSnapshot queue, Duration roundTrip)
            throws InterruptedException {
        var warnings = new ArrayList<String>();
        if (queue.forcedMb() > 0) {
            warnings.add(
                    String.format(
                            Locale.ROOT,
                            "%.1f MB are forced and load even while the program is paused",
                            queue.forcedMb()));
        }
        if (queue.paused() && queue.speedBps() > 0 && queue.forcedMb() == 0) {
            warnings.add("it says that it is paused, and still loads");
        }
        if (roundTrip.compareTo(SLOW) > 0) {
            warnings.add("it answers slowly");
        }
        if (program instanceof Warns warns) {
            try {
                warnings.addAll(warns.warnings());
            } catch (ClientException e) {
                // Older versions do not tell, and the queue came: nothing to worry about.
                return warnings;
            }
        }
        return warnings;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
