package org.svcshare.gossip;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jgroups.Address;
import org.jgroups.stack.IpAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GossipSettings;
import org.svcshare.store.MemberGroup.Status;

/// This member's way into the group: under which name, through which seeds, and again whenever it
/// did not work. Only on the group's thread, unless it says otherwise.
final class Presence {
    private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration LOOK_UP_EVERY = Duration.ofSeconds(30);
    private static final Duration LOOK_UP_ALONE_EVERY = Duration.ofSeconds(5);

    /// A group of two or more forms in less when its seeds are there.
    private static final Duration SEEDS_ANSWER_WITHIN = Duration.ofSeconds(4);

    /// The library finds and mends views that differ within some seconds, nearly always.
    private static final Duration APART_FOR = Duration.ofSeconds(10);

    /// After so many rounds, and a pause of the machine, in which nobody said so, it is over.
    private static final int APART_ROUNDS = 4;

    private static final Duration APART_PAUSE = Duration.ofSeconds(4);

    private static final Duration ALONE_AGAIN = Duration.ofSeconds(45);

    private final GossipSettings settings;
    private final String version;
    private final @Nullable SSLContext tls;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Connection.Ear ear;
    private final Consumer<Runnable> loop;
    private final Seeds seeds;
    private final SeenFile seen;
    private final Door.Refused refused;
    private String id;
    private String name;
    private volatile int port;
    private @Nullable Connection current;
    private Address self;
    private Instant since;
    private long aloneSinceNanos = System.nanoTime();
    private long lookUpAtNanos = aloneSinceNanos + LOOK_UP_ALONE_EVERY.toNanos();
    private long joinAgainAtNanos = aloneSinceNanos + ALONE_AGAIN.toNanos();
    private long apartSinceNanos;
    private long apartLastNanos;
    private boolean apart;
    private boolean alone = true;
    private boolean silentSeeds;
    private boolean told;
    private String failure = "";
    private String twin = "";
    private List<String> unknownHosts = List.of();
    private long droppedBefore;
    private long sentBefore;
    private volatile boolean closed;

    /// @param tls null for plain connections
    /// @param loop has things done on the group's thread
    Presence(
            GossipSettings settings,
            String id,
            String version,
            @Nullable SSLContext tls,
            InstantSource clock,
            RandomGenerator random,
            Connection.Ear ear,
            Door.Refused refused,
            Consumer<Runnable> loop)
            throws IOException {
        this.settings = settings;
        this.id = id;
        this.version = version;
        this.tls = tls;
        this.clock = clock;
        this.random = random;
        this.ear = ear;
        this.refused = refused;
        this.loop = loop;
        this.name = settings.name();
        this.seen = new SeenFile(settings.folder());
        this.seeds = new Seeds(settings.seeds(), settings.reachedAt(), seen.read());
        this.port = settings.listen().port();
        this.since = clock.instant();
        Connection first = connect();
        this.current = first;
        this.self = first.self;
    }

    private Connection connect() throws IOException {
        var connection =
                new Connection(
                        settings,
                        new Endpoint(settings.listen().host(), port),
                        seeds,
                        at ->
                                new MemberAddress(
                                        name, id, clock.millis(), MemberAddress.fit(version), at),
                        tls,
                        refused,
                        ear);
        // The same one whenever it comes in again.
        port = connection.port();
        return connection;
    }

    /// Where it listens. Any thread, once it is built.
    int listeningPort() {
        return port;
    }

    boolean is(Connection connection) {
        return connection.equals(current);
    }

    Address self() {
        return self;
    }

    String name() {
        return name;
    }

    /// It said goodbye: nobody looks for it when it is gone.
    void leaves(Address member) {
        if (current != null) {
            current.leaves(member);
        }
    }

    /// Nobody looks for that member any more.
    void forget(String memberId) {
        if (current != null) {
            current.forget(memberId);
        }
    }

    /// @param to null for all others
    void send(@Nullable Address to, Frame frame) {
        if (current != null) {
            current.send(to, frame);
        }
    }

    /// @param copy where somebody is who says to be this member, if there is one
    void view(int size, Optional<String> copy) {
        failure = "";
        apart = false;
        twin = copy.orElse("");
        if (!told) {
            told = true;
            since = clock.instant();
            LOG.info("{} listens on {}:{}", name, settings.reachedAt().host(), port());
            if (seeds.nobody() && size == 1) {
                LOG.info(
                        "founded the group {}; others join it with gossip.seeds = [\"{}:{}\"]",
                        settings.group(),
                        settings.reachedAt().host(),
                        port());
            }
        }
        boolean now = size == 1;
        if (now && !alone) {
            aloneSinceNanos = System.nanoTime();
            joinAgainAtNanos = aloneSinceNanos + ALONE_AGAIN.toNanos();
        }
        if (!now && alone) {
            LOG.info("in the group {} of {} members", settings.group(), size);
            silentSeeds = false;
        }
        alone = now;
    }

    /// Whether this member knows by now that it is in a group, be it alone: others are there, or
    /// those who were asked had the time to answer.
    boolean settled() {
        return !alone || seeds.nobody() || waitedLong(System.nanoTime());
    }

    private boolean waitedLong(long nowNanos) {
        return nowNanos - aloneSinceNanos > SEEDS_ANSWER_WITHIN.toNanos();
    }

    /// Keeps in mind where the others are, for the next start.
    void remember(List<IpAddress> others) {
        if (!others.isEmpty()) {
            Thread.ofVirtual().name("gossip seen").start(() -> seen.write(others));
        }
    }

    private int port() {
        return settings.advertise().map(Endpoint::port).orElse(port);
    }

    /// Goes out and comes in again, as somebody else in part.
    ///
    /// @param next the name from now on
    /// @param newId whether another member has the same id, that is, a copy of our folder
    void rejoin(String next, boolean newId) {
        Connection old = current;
        if (old == null) {
            return;
        }
        if (newId) {
            LOG.error("{} runs with a copy of this member's folder; going on under a new id", twin);
            try {
                id = IdFile.fresh(settings.folder(), random);
            } catch (IOException e) {
                LOG.warn("the new id was not written down: {}", e.getMessage());
                id = "%016x".formatted(random.nextLong());
            }
        } else {
            LOG.warn("there is a member named {} already; going on as {}", name, next);
        }
        name = next;
        replace(old);
    }

    private void replace(Connection old) {
        current = null;
        droppedBefore += old.droppedFrames();
        sentBefore += old.sentBytes();
        Thread.ofVirtual()
                .name("gossip rejoin")
                .start(() -> {
                    old.close();
                    loop.accept(this::again);
                });
    }

    private void again() {
        if (closed) {
            return;
        }
        try {
            Connection next = connect();
            current = next;
            self = next.self;
        } catch (IOException e) {
            failed(e.getMessage());
        }
    }

    void failed(Connection from, String why) {
        if (is(from)) {
            failed(why);
            replace(from);
        }
    }

    private void failed(@Nullable String why) {
        String text = String.valueOf(why);
        if (!text.equals(failure)) {
            LOG.warn("not in the group: {}", text);
        }
        failure = text;
    }

    /// When it wants to be asked again whether something is due.
    long waitNanos(long nowNanos) {
        Duration again = settled() ? AGAIN : SOON;
        return Math.min(lookUpAtNanos - nowNanos, again.toNanos());
    }

    /// A member of our view does not see us in its own.
    void apart() {
        long now = System.nanoTime();
        Duration over = settings.interval().multipliedBy(APART_ROUNDS).plus(APART_PAUSE);
        if (!apart || now - apartLastNanos > over.toNanos()) {
            apart = true;
            // Not all of a group at once.
            apartSinceNanos = now + random.nextLong(APART_FOR.toNanos() / 2);
        }
        apartLastNanos = now;
        if (now - apartSinceNanos > APART_FOR.toNanos() && current != null) {
            apart = false;
            LOG.warn("the others go on without this member; joining them again");
            replace(current);
        }
    }

    /// Comes in anew when it is alone beside seeds: the library may have stopped to ask them.
    private void joinAgain(long nowNanos) {
        if (alone && !seeds.none() && nowNanos - joinAgainAtNanos > 0 && current != null) {
            joinAgainAtNanos =
                    nowNanos + ALONE_AGAIN.toNanos() + random.nextLong(ALONE_AGAIN.toNanos() / 3);
            replace(current);
        }
    }

    /// @return whether its status has changed
    boolean due(long nowNanos, int size) {
        joinAgain(nowNanos);
        boolean silent = alone && size <= 1 && !seeds.none() && waitedLong(nowNanos);
        boolean changed = silent != silentSeeds;
        if (silent && !silentSeeds) {
            LOG.warn("none of the seeds answers ({}); asking on", seeds);
        }
        silentSeeds = silent;
        if (nowNanos - lookUpAtNanos >= 0) {
            lookUpAtNanos = nowNanos + (alone ? LOOK_UP_ALONE_EVERY : LOOK_UP_EVERY).toNanos();
            lookUp();
        }
        return changed;
    }

    private void lookUp() {
        if (seeds.none()) {
            return;
        }
        Thread.ofVirtual()
                .name("gossip seeds")
                .start(() ->
                        seeds.resolve((at, unknown) ->
                                loop.accept(() -> {
                                    unknownHosts = unknown;
                                    if (current != null && !at.isEmpty()) {
                                        current.ask(at);
                                    }
                                })));
    }

    long droppedFrames() {
        return droppedBefore + (current == null ? 0 : current.droppedFrames());
    }

    long sentBytes() {
        return sentBefore + (current == null ? 0 : current.sentBytes());
    }

    Status status(boolean joined, Map<String, Long> rejected, Map<String, Long> counts) {
        return new Status(
                joined && current != null,
                settings.group(),
                name,
                settings.reachedAt().host() + ":" + port(),
                since,
                trouble(),
                Map.copyOf(rejected),
                Map.copyOf(counts));
    }

    private String trouble() {
        if (!failure.isEmpty()) {
            return failure;
        }
        if (!twin.isEmpty()) {
            return twin + " runs with a copy of this member's folder";
        }
        if (silentSeeds) {
            return "none of the seeds answers ("
                    + seeds
                    + ")"
                    + (unknownHosts.isEmpty()
                            ? ""
                            : "; no such host: " + String.join(", ", unknownHosts));
        }
        return "";
    }

    void close() {
        closed = true;
        if (current != null) {
            current.close();
        }
    }
}
