package org.svcshare.gossip;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.PeerChannel;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GossipSettings;
import org.svcshare.config.PeerSettings;
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
    private final GroupLoop loop;
    private final Endpoint listening;

    private JGroupsGroup(GroupLoop loop, String host) {
        this.loop = loop;
        this.listening = new Endpoint(host, loop.port());
    }

    /// Opens the store and the port, and joins or founds the group; that goes on after this has
    /// returned, for as long as it takes.
    ///
    /// @param version of the program, for others to see
    /// @param listener hears everything, from [GroupEvent.Started] on
    /// @throws IOException when the port is taken, the folder cannot be used or a certificate is
    ///   none; the message is for people
    public static JGroupsGroup start(
            GossipSettings settings,
            String version,
            InstantSource clock,
            RandomGenerator random,
            Consumer<GroupEvent> listener)
            throws IOException {
        @Nullable SSLContext tls = GossipTls.of(settings).orElse(null);
        return new JGroupsGroup(
                new GroupLoop(settings, version, tls, clock, random, listener),
                settings.listen().host());
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
    public <T> boolean read(Function<StoreView, T> question, Consumer<T> then) {
        return loop.read(question, then);
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

    /// Where bots vote and are commanded, as members of this group.
    ///
    /// @param bootId this process's, 16 hexadecimal digits
    public PeerChannel channel(
            PeerSettings peers,
            CommandSettings commands,
            String bootId,
            InstantSource clock,
            RandomGenerator random) {
        var channel = new GossipChannel(this, this, peers, commands, bootId, clock, random);
        answerWith(channel);
        return channel;
    }

    /// Says goodbye and ends; blocks for a second or two at most.
    @Override
    public void close() {
        loop.close();
    }
}
