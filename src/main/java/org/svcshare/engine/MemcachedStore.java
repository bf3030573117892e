package org.svcshare.engine;

import com.google.code.yanf4j.core.Session;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import net.rubyeye.xmemcached.GetsResponse;
import net.rubyeye.xmemcached.MemcachedClient;
import net.rubyeye.xmemcached.XMemcachedClientBuilder;
import net.rubyeye.xmemcached.exception.MemcachedClientException;
import net.rubyeye.xmemcached.exception.MemcachedException;
import net.rubyeye.xmemcached.exception.MemcachedServerException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Values in a memcached, by XMemcached's text protocol.
///
/// The library's own reconnecting waits longer with every try without a bound, keeps the address
/// that it found first, and does not tell one connection from the next. So each connection is a
/// client of its own here, which is thrown away with the first call that gets no answer.
final class MemcachedStore implements ValueStore {
    private static final Logger LOG = LoggerFactory.getLogger(MemcachedStore.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /// Longer ones are dates to memcached.
    private static final Duration LONGEST_KEEP = Duration.ofDays(30);

    private record Link(MemcachedClient client, long number) {}

    private final MemcachedPlace place;
    private final long limitMs;
    private final AtomicLong links = new AtomicLong();
    private final Semaphore wake = new Semaphore(0);
    private final Thread keeper;

    // Under this object's lock, or volatile for those who only look.
    private volatile @Nullable Link link;
    private volatile String trouble;
    private volatile boolean closed;

    private MemcachedStore(MemcachedPlace place) {
        this.place = place;
        this.limitMs = place.callLimit().toMillis();
        this.trouble = place + ": not connected yet";
        this.keeper = Thread.ofVirtual().name("memcached").unstarted(this::keep);
    }

    /// Tries to connect once, and goes on trying in the background.
    static MemcachedStore open(MemcachedPlace place) {
        var store = new MemcachedStore(place);
        store.connect();
        store.keeper.start();
        return store;
    }

    @Override
    public @Nullable Stored read(String key) throws StoreException {
        Link at = link();
        try {
            GetsResponse<byte[]> found = at.client.gets(key, limitMs, RawBytes.INSTANCE);
            return found == null
                    ? null
                    : new Stored(ByteBuffer.wrap(found.getValue()), found.getCas(), at.number);
        } catch (InterruptedException | TimeoutException | MemcachedException e) {
            throw failed(at, e, false);
        }
    }

    @Override
    public boolean replace(String key, @Nullable Stored seen, byte[] value, Duration keep)
            throws StoreException {
        Link at = link();
        if (seen != null && seen.connection() != at.number) {
            return false;
        }
        int keepSeconds = keep.compareTo(LONGEST_KEEP) > 0 ? 0 : Math.toIntExact(keep.toSeconds());
        try {
            return seen == null
                    ? at.client.add(key, keepSeconds, value, RawBytes.INSTANCE, limitMs)
                    : at.client.cas(
                            key, keepSeconds, value, RawBytes.INSTANCE, limitMs, seen.version());
        } catch (InterruptedException | TimeoutException | MemcachedException e) {
            throw failed(at, e, true);
        }
    }

    @Override
    public String trouble() {
        return trouble;
    }

    private Link link() throws StoreException {
        Link at = link;
        if (at == null) {
            throw new StoreException(trouble, false);
        }
        return at;
    }

    private boolean isLink(long number) {
        Link at = link;
        return at != null && at.number == number;
    }

    private StoreException failed(Link at, Exception e, boolean write) {
        if (e instanceof MemcachedServerException || e instanceof MemcachedClientException) {
            // It did answer: with a no.
            return new StoreException(place + " refused: " + e.getMessage(), false);
        }
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        String why =
                place
                        + (e instanceof TimeoutException
                                ? " did not answer within " + limitMs + " ms"
                                : " went away: " + e.getMessage());
        lose(at, why);
        return new StoreException(why, write);
    }

    private void lose(Link at, String why) {
        synchronized (this) {
            if (!isLink(at.number)) {
                return;
            }
            link = null;
            trouble = why;
        }
        LOG.warn("{}", why);
        wake.release();
        shut(at.client);
    }

    // Connecting.

    private void keep() {
        Duration pause = FIRST_PAUSE;
        try {
            while (!closed) {
                if (link != null || connect()) {
                    pause = FIRST_PAUSE;
                    wake.acquire();
                } else {
                    long mostMs = pause.toMillis();
                    long waitMs = ThreadLocalRandom.current().nextLong(mostMs / 2, mostMs + 1);
                    wake.tryAcquire(waitMs, TimeUnit.MILLISECONDS);
                    pause = pause.multipliedBy(2);
                    pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean connect() {
        MemcachedClient client = null;
        try {
            long number = links.incrementAndGet();
            client = client(number);
            var versions = client.getVersions(limitMs);
            if (versions.isEmpty()) {
                throw new IOException("nobody listens");
            }
            return use(client, number, String.valueOf(versions.values().iterator().next()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException | TimeoutException | MemcachedException | RuntimeException e) {
            trouble = place + " cannot be reached: " + e.getMessage();
            LOG.debug("{}", trouble);
        }
        if (client != null) {
            shut(client);
        }
        return false;
    }

    private synchronized boolean use(MemcachedClient client, long number, String version) {
        if (closed) {
            shut(client);
            return false;
        }
        var next = new Link(client, number);
        link = next;
        trouble = "";
        LOG.atInfo().addKeyValue("version", version).log("{} reached", place);
        if (client.getAvailableServers().isEmpty()) {
            // It went while we were looking.
            Thread.startVirtualThread(() -> lose(next, place + " closed the connection"));
        }
        return true;
    }

    private MemcachedClient client(long number) throws IOException {
        var address = new InetSocketAddress(place.host(), place.port());
        if (address.isUnresolved()) {
            throw new IOException("no address for this name");
        }
        var builder = new XMemcachedClientBuilder(List.of(address));
        builder.setConnectTimeout(limitMs);
        builder.setOpTimeout(limitMs);
        builder.setEnableHealSession(false);
        builder.addStateListener(new DisconnectListener(() -> gone(number)));
        MemcachedClient client = builder.build();
        client.setOptimizeGet(false);
        return client;
    }

    private void gone(long number) {
        Link at = link;
        if (at != null && at.number == number) {
            // Not on the library's own thread, which closing waits for.
            Thread.startVirtualThread(() -> lose(at, place + " closed the connection"));
        }
    }

    /// Closes the socket now; the library's threads take up to a second more to see it.
    private static void shut(MemcachedClient client) {
        for (Session session : client.getConnector().getSessionSet()) {
            session.close();
        }
        Thread.ofVirtual()
                .name("memcached end")
                .start(() -> {
                    try {
                        client.shutdown();
                    } catch (IOException | RuntimeException e) {
                        LOG.debug("while leaving memcached", e);
                    }
                });
    }

    @Override
    public void close() {
        Link at;
        synchronized (this) {
            closed = true;
            at = link;
            link = null;
            trouble = "it stops";
        }
        wake.release();
        if (at != null) {
            shut(at.client);
        }
    }
}
