package org.svcshare.lock;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.svcshare.lock.Http.NotAsked;
import org.svcshare.lock.Http.Reply;
import org.svcshare.lock.Http.Request;

/// Puts a request to one server after another until one answers, with growing pauses between the
/// rounds. Thread-safe.
final class Asking {
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 2000;

    private final List<ServerAddress> servers;
    private final Http http;

    /// The server that answered last: begin there.
    private volatile int good;

    sealed interface Result {
        /// @param askedNanos before the request was sent that this answers
        record Answered(Reply reply, long askedNanos, Instant asked) implements Result {}

        /// @param perhaps whether a server may have done it
        record Silence(String why, boolean perhaps) implements Result {}

        record Stopped() implements Result {}
    }

    Asking(Access access) {
        servers = access.servers();
        http = new Http(access.token(), new Trust(access.ca()));
    }

    /// @param limit for the answer of one server
    /// @param patience for all of it; one round is made in any case
    Result ask(Request request, Duration limit, Duration patience, Stop stop) {
        long began = System.nanoTime();
        long pauseMs = FIRST_PAUSE_MS;
        boolean perhaps = false;
        String why = "";
        while (true) {
            int first = good;
            for (int i = 0; i < servers.size(); i++) {
                if (stop.pulled()) {
                    return new Result.Stopped();
                }
                int number = (first + i) % servers.size();
                ServerAddress server = servers.get(number);
                long askedNanos = System.nanoTime();
                Instant asked = Instant.now();
                try {
                    Reply reply =
                            http.exchange(server, request, askedNanos + limit.toNanos(), stop);
                    if (!passes(reply.status())) {
                        good = number;
                        return new Result.Answered(reply, askedNanos, asked);
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
            }
            long jittered = pauseMs / 2 + ThreadLocalRandom.current().nextLong(pauseMs / 2 + 1);
            if (System.nanoTime() - began + jittered * 1_000_000 > patience.toNanos()) {
                return new Result.Silence(String.valueOf(why), perhaps);
            }
            if (!stop.rest(jittered)) {
                return new Result.Stopped();
            }
            pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
        }
    }

    /// Not ready, perhaps done, or said by a proxy whose server is away: ask again.
    private static boolean passes(int status) {
        return status == 502 || status == 503 || status == 504;
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
