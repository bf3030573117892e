package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.cluster.Question.Reply;
import org.svcshare.cluster.Question.Stage;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupRefusal;

/// How this node comes to its place in the group, and how it leaves it.
///
/// An empty folder may be that of a new node or of one that lost its disk, and the latter must not
/// vote again: it may have promised something that it has forgotten. So a group begins only once
/// all its founders have seen that all of them are new, and each wrote that down ([NodeFile]); and
/// who comes later is let in by the leader, as nobody of that name is there.
///
/// One thread of its own; it answers others on theirs.
final class Entrance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);
    private static final Duration JOINING = Duration.ofSeconds(100);
    private static final long SOON_MS = 100;
    private static final long LATER_MS = 1_000;

    /// How long without a leader until it asks the others whether it still belongs to them.
    private static final long LOST_NANOS = 3_000_000_000L;

    private final ClusterSettings settings;
    private final RaftNode node;
    private final PeerCall calls;
    private final Runnable turned;
    private final Consumer<String> broken;
    private final Thread thread = Thread.ofVirtual().name("entrance").unstarted(this::run);

    /// Guarded by this, as are all steps from one stage to another; null: the folder is empty.
    private @Nullable NodeFile file;

    /// Why this node has no place in the group; empty when it has.
    private volatile String outside = "it begins";

    private volatile boolean closed;

    // The entrance's thread.

    private long leaderNanos = System.nanoTime();
    private boolean warned;

    /// @param turned is told when the node has got its place or lost it, and must not block
    /// @param broken is told when it can go on with nothing
    Entrance(ClusterSettings settings, RaftNode node, Runnable turned, Consumer<String> broken) {
        this.settings = settings;
        this.node = node;
        this.calls = new PeerCall(settings);
        this.turned = turned;
        this.broken = broken;
    }

    /// Goes on from what the folder has.
    ///
    /// @throws IOException when it cannot be used, or is not this node's; the message says what to
    ///   do
    synchronized void open() throws IOException {
        Path folder = settings.folder();
        boolean log = Files.isDirectory(folder.resolve(settings.group().toString()));
        NodeFile found = NodeFile.read(folder).orElse(null);
        if (found == null && log) {
            found = keep(Stage.MEMBER, List.of());
        }
        file = found;
        if (found == null) {
            if (settings.join().isEmpty() && settings.others().isEmpty()) {
                found(List.of(new Member(settings.me(), settings.priority())));
            }
        } else {
            check(found, log);
            goOn(found, log);
        }
        thread.start();
    }

    private void check(NodeFile found, boolean log) throws IOException {
        if (!found.group().equals(settings.group())) {
            throw new IOException(
                    settings.folder()
                            + " belongs to a node of another group: was cluster.name changed?");
        }
        if (!found.node().equals(settings.self())) {
            throw new IOException(
                    settings.folder()
                            + " belongs to node "
                            + found.node()
                            + ", and this is "
                            + settings.self()
                            + ": set cluster.node or cluster.folder");
        }
        if (found.stage() == Stage.MEMBER && !log) {
            throw new IOException(lost());
        }
    }

    private void goOn(NodeFile found, boolean log) throws IOException {
        switch (found.stage()) {
            case EMPTY -> throw new IOException("no stage to write down");
            case NEW -> {
                if (log || !found.founders().isEmpty()) {
                    begin(found.founders());
                }
            }
            case MEMBER -> {
                begin(found.founders());
                outside = "";
            }
            case REMOVED -> outside = REMOVED_HERE;
        }
    }

    private static final String REMOVED_HERE =
            "this node was removed from the group; to come back it needs an empty folder, and to be"
                    + " added again";

    private String lost() {
        return "this node was in the group as "
                + settings.self()
                + " and has lost what it had, so it must not come back under that name. Choose"
                + " another, set cluster.node to it, and on a node of the group run: svcshare"
                + " cluster replace "
                + settings.self()
                + " NEW="
                + settings.address();
    }

    // From any thread.

    /// Why this node has no place in the group; empty when it has.
    String outside() {
        return outside;
    }

    Reply.Me me() {
        Stage stage;
        synchronized (this) {
            stage = file == null ? Stage.EMPTY : file.stage();
        }
        RaftNode.Configuration at = node.configuration();
        return new Reply.Me(
                settings.self(),
                stage,
                settings.priority(),
                settings.join().isEmpty() ? settings.peers() : List.of(),
                at.members(),
                at.index(),
                at.settled());
    }

    /// The leader is about to add this node, as nobody of its name is there.
    synchronized Reply welcome(String name) {
        if (!name.equals(settings.self())) {
            return new Reply.Refused(
                    GroupRefusal.NOT_REACHED,
                    "node " + settings.self() + " is at that address, not " + name);
        }
        NodeFile now = file;
        boolean fresh =
                now == null || (now.stage() == Stage.NEW && now.founders().isEmpty() && !inside());
        if (!fresh) {
            return new Reply.Refused(
                    GroupRefusal.NOT_NEW,
                    "node "
                            + name
                            + " was in a group before, or is in one of its own; to add it stop it,"
                            + " empty "
                            + settings.folder()
                            + " there, and start it again with cluster.join");
        }
        try {
            keep(Stage.NEW, List.of());
            if (!node.begun()) {
                begin(List.of());
            }
        } catch (IOException e) {
            return new Reply.Refused(
                    GroupRefusal.NOT_REACHED,
                    "node " + name + " cannot begin: " + PeerCall.text(e));
        }
        outside = "it gets what the others have";
        return new Reply.Welcomed(settings.priority());
    }

    /// The leader says that this node was removed.
    void farewell(long index) {
        RaftNode.Configuration at = node.configuration();
        if (node.begun() && (index > at.index() || !at.has(settings.self()))) {
            leave();
        }
    }

    private synchronized void leave() {
        if (file != null && file.stage() == Stage.REMOVED) {
            return;
        }
        LOG.warn("{}", REMOVED_HERE);
        outside = REMOVED_HERE;
        broken.accept(REMOVED_HERE);
        try {
            keep(Stage.REMOVED, List.of());
            node.close();
        } catch (IOException e) {
            LOG.warn("while leaving the group: {}", e.toString());
        }
    }

    // Steps, under the lock.

    private NodeFile keep(Stage stage, List<Member> founders) throws IOException {
        var next = new NodeFile(settings.group(), settings.self(), stage, founders);
        if (!next.equals(file)) {
            next.write(settings.folder());
            file = next;
        }
        return next;
    }

    private void found(List<Member> founders) throws IOException {
        keep(Stage.NEW, founders);
        begin(founders);
    }

    private void begin(List<Member> founders) throws IOException {
        node.begin(founders);
        outside = founders.isEmpty() ? "it gets what the others have" : "";
        turned.run();
    }

    private boolean inside() {
        RaftNode.Configuration at = node.configuration();
        return at.settled() && at.has(settings.self());
    }

    // The entrance's thread.

    private void run() {
        try {
            while (!closed) {
                long pauseMs = LATER_MS;
                try {
                    pauseMs = step();
                } catch (IOException e) {
                    outside = PeerCall.text(e);
                    LOG.error("this node cannot be part of the group", e);
                } catch (RuntimeException e) {
                    LOG.error("the entrance to the group failed", e);
                }
                Thread.sleep(pauseMs);
            }
        } catch (InterruptedException _) {
            LOG.debug("the entrance to the group is closed");
        }
    }

    /// @return how long until the next one
    private long step() throws IOException, InterruptedException {
        NodeFile now;
        synchronized (this) {
            now = file;
            if (now != null && now.stage() == Stage.NEW && node.begun() && inside()) {
                keep(Stage.MEMBER, now.founders());
                outside = "";
                turned.run();
                return SOON_MS;
            }
        }
        Stage stage = now == null ? Stage.EMPTY : now.stage();
        return switch (stage) {
            case EMPTY, NEW -> come(stage);
            case MEMBER -> watch();
            case REMOVED -> LATER_MS;
        };
    }

    private long come(Stage stage) throws IOException, InterruptedException {
        if (!settings.join().isEmpty()) {
            join(stage);
        } else if (!node.begun()) {
            meet(stage);
        }
        return SOON_MS;
    }

    // Founding.

    private void meet(Stage stage) throws IOException, InterruptedException {
        switch (Meeting.verdict(settings, stage, calls.meet(settings.others()))) {
            case Meeting.Verdict.Outside(boolean surelyNew, String why) -> {
                if (surelyNew) {
                    keepNew();
                }
                outside = why;
            }
            case Meeting.Verdict.Lost() -> sayLost();
            case Meeting.Verdict.Begin(List<Member> founders) -> {
                synchronized (this) {
                    keepNew();
                    if (!node.begun() && founders.isEmpty()) {
                        begin(founders);
                    } else if (!node.begun()) {
                        found(founders);
                    }
                }
            }
        }
    }

    private synchronized void keepNew() throws IOException {
        keep(Stage.NEW, List.of());
    }

    private void sayLost() {
        if (!outside.equals(lost())) {
            outside = lost();
            LOG.error("{}", lost());
        }
    }

    // Joining.

    private void join(Stage stage) throws IOException, InterruptedException {
        for (InetSocketAddress seed : settings.join()) {
            Optional<Reply.Me> met = calls.meet(seed);
            if (met.isEmpty() || met.get().members().isEmpty()) {
                say("of the seeds in cluster.join none is in a group, or none answers");
                continue;
            }
            if (met.get().knows(settings.self())) {
                if (stage == Stage.EMPTY) {
                    sayLost();
                } else if (!node.begun()) {
                    synchronized (this) {
                        begin(List.of());
                    }
                }
                return;
            }
            wish(seed);
            return;
        }
    }

    private void wish(InetSocketAddress seed) throws InterruptedException {
        ClusterPeer me = settings.me();
        var add = new GroupChange.Add(new GroupChange.NewNode(me.id(), me.host(), me.raftPort()));
        try {
            Reply reply = calls.ask(seed, new Question.Change(add, true), JOINING);
            if (reply instanceof Reply.Refused(_, String why)) {
                say("it cannot join yet: " + why);
                Thread.sleep(LATER_MS);
            }
        } catch (IOException e) {
            say("it cannot join yet: " + PeerCall.text(e));
        }
    }

    private void say(String why) {
        if (!outside.equals(why)) {
            outside = why;
            LOG.info("not in the group: {}", why);
        }
    }

    // Belonging.

    /// Nobody tells a node that was away when it was removed.
    private long watch() throws InterruptedException {
        warn();
        if (node.leader().isPresent()) {
            leaderNanos = System.nanoTime();
        } else if (System.nanoTime() - leaderNanos > LOST_NANOS) {
            RaftNode.Configuration own = node.configuration();
            for (Member member : own.members()) {
                Optional<Reply.Me> met =
                        member.id().equals(settings.self())
                                ? Optional.empty()
                                : calls.meet(member.peer());
                if (met.isPresent()
                        && met.get().settled()
                        && met.get().index() > own.index()
                        && !met.get().knows(settings.self())) {
                    leave();
                    return LATER_MS;
                }
            }
        }
        return LATER_MS;
    }

    /// A node that knows nobody to ask takes an empty folder for a beginning.
    private void warn() {
        if (!warned && settings.others().isEmpty() && settings.join().isEmpty()) {
            RaftNode.Configuration at = node.configuration();
            warned = at.settled() && at.members().size() > 1;
            if (warned) {
                LOG.warn(
                        "the group has other nodes than cluster.peers: set it to all of them"
                                + " ({}), or this node could not tell that it has lost its disk",
                        GroupRules.names(at.members()));
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
