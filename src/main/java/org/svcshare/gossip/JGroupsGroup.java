package org.svcshare.gossip;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GossipSettings;
import org.svcshare.store.Change;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.StoreView;
import org.svcshare.store.Value;

/// A [MemberGroup] on JGroups: this process as one of its members.
///
/// Everything it decides is decided by one thread, [GroupLoop]; this is the way to it. Supported
/// are groups of up to 200 members.
public final class JGroupsGroup implements MemberGroup, Talk {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final GroupLoop loop;
    private final Endpoint listening;

    private JGroupsGroup(GroupLoop loop, Endpoint listening) {
        this.loop = loop;
        this.listening = listening;
    }

    /// Opens the store and the port, and joins or founds the group; that goes on after this has
    /// returned, for as long as it takes.
    ///
    /// @param version of the program, for others to see
    /// @throws IOException when the port is taken, the folder cannot be used or a certificate is
    ///   none; the message is for people
    public static JGroupsGroup start(
            GossipSettings settings, String version, InstantSource clock, RandomGenerator random)
            throws IOException {
        @Nullable SSLContext tls = GossipTls.of(settings).orElse(null);
        var bound = new CompletableFuture<Integer>();
        var loop = new GroupLoop(settings, version, tls, clock, random, bound);
        try {
            int port = bound.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return new JGroupsGroup(loop, new Endpoint(settings.listen().host(), port));
        } catch (ExecutionException e) {
            loop.close();
            throw new IOException(
                    "gossip.listen: " + settings.listen() + " cannot be listened on: " + why(e), e);
        } catch (TimeoutException e) {
            loop.close();
            throw new IOException("gossip did not start within " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            loop.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String why(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    /// Where it listens; the real port where the settings say 0.
    public Endpoint listening() {
        return listening;
    }

    @Override
    public List<Member> members() {
        return loop.members();
    }

    @Override
    public Status status() {
        return loop.status();
    }

    @Override
    public <T> void read(Function<StoreView, T> question, Consumer<T> then) {
        loop.read(question, then);
    }

    @Override
    public void change(Change change, Consumer<Change.Outcome> then) {
        loop.change(change, then);
    }

    @Override
    public String call(String name, Value payload) {
        String problem = problem(name, payload, "an event");
        if (problem.isEmpty()) {
            loop.call(name, payload);
        }
        return problem;
    }

    @Override
    public void ask(String name, Value payload, Duration limit, Answers answers) {
        if (!problem(name, payload, "a question").isEmpty()) {
            throw new IllegalArgumentException(problem(name, payload, "a question"));
        }
        loop.ask(name, payload, limit, answers);
    }

    private static String problem(String name, Value payload, String what) {
        if (!Frame.NAME.matcher(name).matches()) {
            return what
                    + " has a name of 1 to 100 letters, digits and ._:/- that begins with a letter or"
                    + " digit";
        }
        return payload.sizeBytes() > Frame.MAX_PAYLOAD_BYTES
                ? what + " has a payload of at most " + Frame.MAX_PAYLOAD_BYTES + " bytes"
                : "";
    }

    @Override
    public void answerWith(Answerer answerer) {
        loop.answerWith(answerer);
    }

    @Override
    public void forget(String name, Consumer<Forgotten> then) {
        loop.forget(name, then);
    }

    @Override
    public Runnable listen(Consumer<GroupEvent> listener) {
        return loop.listen(listener);
    }

    @Override
    public void say(@Nullable String to, String text) {
        loop.say(to, text);
    }

    @Override
    public Runnable hear(Ear ear) {
        return loop.hear(ear);
    }

    /// Says goodbye and ends; blocks for a second or two at most.
    @Override
    public void close() {
        loop.close();
    }
}
