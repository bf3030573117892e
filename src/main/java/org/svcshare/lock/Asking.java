package org.svcshare.lock;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.svcshare.lock.Http.NotAsked;
import org.svcshare.lock.Http.Request;

/// Puts a request to one server after another until one answers, with growing pauses between the
/// rounds. Thread-safe.
///
/// Whoever repeats a request under one id gets one lock, so what one server perhaps did is asked of
/// the next one as it is.
final class Asking {
    /// What a server says that does not have the thing that is asked for, and will not have it.
    private static final Set<String> NOT_HERE = Set.of("no_members", "no_replicas");

    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 2000;

    /// What the last server of a round has for its answer at least.
    private static final long LEAST_NANOS = 200_000_000;

    private final List<ServerAddress> servers;
    private final Http http;

    /// The server that answered last: begin there.
    private volatile int good;

    sealed interface Result {
        /// @param server which of them answered
        /// @param repeated whether the same was perhaps done before, at this one or another
        /// @param askedNanos before the request was sent that this answers
        record Answered(Reply reply, int server, boolean repeated, long askedNanos, Instant asked)
                implements Result {}

        /// @param perhaps whether a server may have done it
        record Silence(String why, boolean perhaps) implements Result {}

        record Stopped() implements Result {}
    }

    Asking(Access access) {
        servers = access.servers();
        http = new Http(access.token(), new Trust(access.ca()));
    }

    /// How many servers there are to ask.
    int servers() {
        return servers.size();
    }

    /// @param limit for the answers of one round: one that is mute leaves the others their share
    /// @param patience for all of it; one round is made in any case
    Result ask(Request request, Duration limit, Duration patience, Stop stop) {
        return ask(request, 0, limit, patience, stop);
    }

    /// Asks for something that the server tells when it happens.
    ///
    /// @param target to which is added for how long the server may keep the question
    /// @param stay for how long that is, from now on and whichever server is asked in the end
    /// @param limit as above, beyond the stay
    Result look(String target, Duration stay, Duration limit, Duration patience, Stop stop) {
        var request = new Request("GET", target + "?wait=", "", "");
        return ask(request, Math.max(1, stay.toNanos()), limit, patience, stop);
    }

    private Result ask(
            Request request, long stayNanos, Duration limit, Duration patience, Stop stop) {
        long began = System.nanoTime();
        long pauseMs = FIRST_PAUSE_MS;
        boolean perhaps = false;
        String why = "";
        while (true) {
            int first = good;
            long budgetNanos = limit.toNanos();
            for (int i = 0; i < servers.size(); i++) {
                if (stop.pulled()) {
                    return new Result.Stopped();
                }
                int number = (first + i) % servers.size();
                ServerAddress server = servers.get(number);
                long askedNanos = System.nanoTime();
                Instant asked = Instant.now();
                long stayLeft = Math.max(0, stayNanos - (askedNanos - began));
                long until = askedNanos + stayLeft + budgetNanos / (servers.size() - i);
                try {
                    Request now = stayNanos == 0 ? request : request.staying(stayLeft);
                    Reply reply = http.exchange(server, now, until, stop);
                    if (!passes(reply)) {
                        good = number;
                        return new Result.Answered(reply, number, perhaps, askedNanos, asked);
                    }
                    Fields problem = Fields.read(reply.body());
                    perhaps |= !problem.text("code").equals("not_ready");
                    why = server + ": " + detail(problem, reply);
                } catch (NotAsked e) {
                    why = e.getMessage();
                } catch (IOException e) {
                    perhaps = true;
                    why = server + ": " + e.getMessage();
                }
                long overNanos = System.nanoTime() - askedNanos - stayLeft;
                budgetNanos = Math.max(LEAST_NANOS, budgetNanos - Math.max(0, overNanos));
            }
            long leftMs = (patience.toNanos() - (System.nanoTime() - began)) / 1_000_000;
            if (leftMs < FIRST_PAUSE_MS) {
                return new Result.Silence(String.valueOf(why), perhaps);
            }
            // Towards the end more often: the last moments may be what a server needed.
            if (!stop.rest(Math.min(jittered(pauseMs), leftMs / 2))) {
                return new Result.Stopped();
            }
            pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
        }
    }

    private static long jittered(long pauseMs) {
        return pauseMs / 2 + ThreadLocalRandom.current().nextLong(pauseMs / 2 + 1);
    }

    /// Not ready, perhaps done, or said by a proxy whose server is away: ask again. A server that
    /// has no members, or no replicas, will have none in a moment either.
    private static boolean passes(Reply reply) {
        return reply.status() == 502
                || reply.status() == 504
                || (reply.status() == 503
                        && !NOT_HERE.contains(Fields.read(reply.body()).text("code")));
    }

    /// What a problem document says, for people.
    static String detail(Fields problem, Reply reply) {
        String title = problem.text("title");
        String detail = problem.text("detail");
        if (title.isEmpty() && detail.isEmpty()) {
            return reply.status() + " " + Fields.words(reply.body());
        }
        return title.isEmpty() || detail.isEmpty() ? title + detail : title + ": " + detail;
    }
}
