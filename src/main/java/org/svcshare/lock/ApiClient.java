package org.svcshare.lock;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import org.svcshare.lock.Http.NotAsked;
import org.svcshare.lock.Http.Request;

/// Asks for what is no lock: members, keys of the shared store, streams of events. Every call
/// blocks its thread. Not thread-safe, but for the handle that ends a call.
public final class ApiClient {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /// Servers say something every 15 seconds.
    private static final Duration SILENCE = Duration.ofSeconds(45);

    private final Access access;
    private final Asking asking;
    private final Http http;
    private int good;

    /// What became of a question.
    public sealed interface Outcome {
        record Done(Reply reply) implements Outcome {}

        /// @param code of the problem; empty when it does not come from our server
        /// @param detail for people
        /// @param etag of what is there instead; mostly empty
        record Refused(int status, String code, String detail, String etag) implements Outcome {}

        /// No server was reached; nothing has changed.
        record Unreachable(String why) implements Outcome {}

        /// The question was sent, and the answer did not come or says that it is not known.
        record PerhapsDone(String why) implements Outcome {}

        /// The asker gave up.
        record Stopped() implements Outcome {}
    }

    /// Gets events one after the other; the server waits meanwhile, though not for ever.
    public interface Events {
        /// @param data a JSON document
        /// @return false when it has enough
        boolean on(String name, String data);
    }

    public ApiClient(Access access) {
        this.access = access;
        this.asking = new Asking(access);
        this.http = new Http(access.token(), new Trust(access.ca()));
    }

    /// Asks one server after another until one answers. A question that changes nothing is repeated
    /// for a while.
    ///
    /// @param target path and query from `/api/v1` on, encoded
    /// @param namesAndTexts of header fields: a name, its text, a name, …
    public Outcome ask(String method, String target, Content content, String... namesAndTexts) {
        return ask(method, target, content, ANSWER, namesAndTexts);
    }

    /// @param limit for the answer of one server
    public Outcome ask(
            String method,
            String target,
            Content content,
            Duration limit,
            String... namesAndTexts) {
        var request = new Request(method, target, content, fields(namesAndTexts));
        Duration patience = method.equals("GET") ? access.patience() : Duration.ZERO;
        return switch (asking.ask(request, limit, patience, new Stop())) {
            case Asking.Result.Answered answered -> answered(answered);
            case Asking.Result.Silence(String why, boolean perhaps) ->
                    perhaps && !method.equals("GET")
                            ? new Outcome.PerhapsDone(why)
                            : new Outcome.Unreachable(why);
            case Asking.Result.Stopped _ -> new Outcome.Stopped();
        };
    }

    private static Outcome answered(Asking.Result.Answered answered) {
        Outcome outcome = outcome(answered.reply());
        // What one server perhaps did, the next one finds done.
        return answered.repeated()
                        && outcome instanceof Outcome.Refused(int status, _, String detail, _)
                        && (status == 404 || status == 412)
                ? new Outcome.PerhapsDone("another server did not answer, and now: " + detail)
                : outcome;
    }

    private static Outcome outcome(Reply reply) {
        if (reply.status() / 100 == 2) {
            return new Outcome.Done(reply);
        }
        Fields problem = Fields.read(reply.body());
        return new Outcome.Refused(
                reply.status(), problem.text("code"), Asking.detail(problem, reply), reply.etag());
    }

    /// Follows a stream of events at the first server that is reached, beginning with the one that
    /// was good last. Returns when the stream is over, for whatever reason.
    ///
    /// @return [Outcome.Done] when the listener has had enough or the server has ended it
    public Outcome follow(String method, String target, Content content, Events events, Stop stop) {
        var request = new Request(method, target, content, fields("Accept", "text/event-stream"));
        String why = "";
        int first = good;
        for (int i = 0; i < access.servers().size(); i++) {
            int number = (first + i) % access.servers().size();
            ServerAddress server = access.servers().get(number);
            long until = System.nanoTime() + ANSWER.toNanos();
            // The next one, should this one break off.
            good = (number + 1) % access.servers().size();
            try {
                Reply reply =
                        http.follow(
                                server,
                                request,
                                until,
                                SILENCE,
                                body -> ServerEvents.read(new BufferedInputStream(body), events),
                                stop);
                return outcome(reply);
            } catch (NotAsked e) {
                why = String.valueOf(e.getMessage());
            } catch (IOException e) {
                String how = e instanceof EOFException ? "it ended the connection" : e.getMessage();
                return stop.pulled()
                        ? new Outcome.Stopped()
                        : new Outcome.PerhapsDone(server + ": " + how);
            }
            if (stop.pulled()) {
                return new Outcome.Stopped();
            }
        }
        return new Outcome.Unreachable(why);
    }

    private static String fields(String... namesAndTexts) {
        var fields = new StringBuilder();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            String text = namesAndTexts[i + 1];
            if (text.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
                throw new IllegalArgumentException(namesAndTexts[i] + ": not for a header");
            }
            fields.append(namesAndTexts[i]).append(": ").append(text).append("\r\n");
        }
        return fields.toString();
    }
}
