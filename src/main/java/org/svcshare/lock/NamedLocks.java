package org.svcshare.lock;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Secret;
import org.svcshare.pool.Operation;

/// The locks of one program: which servers are asked, as whom, and what all of its [NamedLock]s
/// have in common. One thread decides for all of them; requests wait on virtual threads.
///
/// The servers are those of one group, or one server. They are tried in turn, from the one on that
/// answered last, with pauses between the rounds; a request that is repeated is done once.
public final class NamedLocks implements AutoCloseable {
    /// How long [#close] waits until everything is given back.
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    /// How long a renewal of a grant that came late is tried.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final int LONGEST_TOKEN = 4096;

    private final LockClient client;
    private final String holder;
    private final Executor executor;
    private final ScheduledThreadPoolExecutor loop;

    /// Those that are not idle; the loop's.
    private final Set<NamedLock> busy = new HashSet<>();

    /// How many lists of callbacks are being called; the loop's.
    private int calling;

    private final CompletableFuture<Void> allIdle = new CompletableFuture<>();

    private volatile LockTimes times = LockTimes.usual();
    private volatile boolean closed;
    private volatile @Nullable Thread loopThread;

    private NamedLocks(Builder builder) {
        client = new LockClient(new Access(builder.servers, builder.token, builder.ca, PATIENCE));
        holder = builder.holder;
        executor = builder.executor;
        loop =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread =
                                    Thread.ofPlatform().daemon().name("locks").unstarted(task);
                            loopThread = thread;
                            return thread;
                        });
        loop.setRemoveOnCancelPolicy(true);
        times(builder.times);
    }

    /// Begins a builder.
    ///
    /// @param servers `host`, `host:port`, `http://…` or `https://…`; one at least
    /// @throws IllegalArgumentException when one is none of those
    public static Builder at(String... servers) {
        return new Builder(Arrays.stream(servers).map(ServerAddress::parse).toList());
    }

    /// Everything but the servers may be left out.
    public static final class Builder {
        private final List<ServerAddress> servers;
        private Optional<Secret> token = Optional.empty();
        private Optional<Path> ca = Optional.empty();
        private String holder = "";
        private LockTimes times = LockTimes.DEFAULTS;
        private Executor executor = task -> Thread.ofVirtual().name("lock callbacks").start(task);

        private Builder(List<ServerAddress> servers) {
            this.servers = servers;
        }

        /// Shown to the servers as a bearer token.
        public Builder token(String secret) {
            token = Optional.of(new Secret(secret));
            return this;
        }

        /// The same from a file.
        ///
        /// @throws IOException when it cannot be read or is too long
        public Builder tokenFile(Path file) throws IOException {
            if (Files.size(file) > LONGEST_TOKEN) {
                throw new IOException(file + " is no token");
            }
            return token(Files.readString(file).strip());
        }

        /// A PEM file of certificate authorities to believe instead of the platform's.
        public Builder ca(Path file) {
            ca = Optional.of(file);
            return this;
        }

        /// As whom to hold locks, for people; without: the token's name, or our address.
        public Builder holder(String name) {
            holder = name;
            return this;
        }

        /// What runs callbacks; without: each time a virtual thread of their own, which does not
        /// keep the program alive. It must not run them on the thread that asks it to.
        public Builder callbacks(Executor runs) {
            executor = runs;
            return this;
        }

        /// See [NamedLocks#times].
        public Builder times(LockTimes common) {
            times = common;
            return this;
        }

        /// @throws IllegalArgumentException when there is no server, or the token has signs that a
        ///   token cannot have
        public NamedLocks open() {
            return new NamedLocks(this);
        }
    }

    /// A lock that is given back as soon as its obtained-callbacks return.
    public NamedLock named(String name) {
        return named(name, NamedLock.Mode.SIMPLE);
    }

    /// @param name of 1 to 200 bytes in UTF-8; a lock of the same name is the same lock for the
    ///   servers, in whatever program
    /// @throws IllegalArgumentException when the name is empty or too long
    public NamedLock named(String name, NamedLock.Mode mode) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > Operation.MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "expected a name of 1 to " + Operation.MAX_NAME_BYTES + " bytes");
        }
        return new NamedLock(this, name, mode);
    }

    /// The times of all locks that have none of their own.
    public LockTimes times() {
        return times;
    }

    /// @param common what is left to a default there is five seconds
    public void times(LockTimes common) {
        times = common.over(LockTimes.usual());
    }

    LockClient client() {
        return client;
    }

    String holder() {
        return holder;
    }

    Executor executor() {
        return executor;
    }

    boolean closed() {
        return closed;
    }

    /// Has the loop decide something, and waits for it.
    ///
    /// @return false also when there is no loop any more
    boolean onLoop(BooleanSupplier question) {
        if (Thread.currentThread().equals(loopThread)) {
            return question.getAsBoolean();
        }
        try {
            return CompletableFuture.supplyAsync(question::getAsBoolean, loop).join();
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /// Has the loop do something, unless it is over.
    void post(Runnable what) {
        try {
            loop.execute(what);
        } catch (RejectedExecutionException _) {
            // All locks are idle for good.
        }
    }

    @Nullable ScheduledFuture<?> later(Runnable what, long pause, TimeUnit unit) {
        try {
            return loop.schedule(what, pause, unit);
        } catch (RejectedExecutionException _) {
            return null;
        }
    }

    /// On the loop.
    void busy(NamedLock lock, boolean is) {
        if (is) {
            busy.add(lock);
        } else {
            busy.remove(lock);
        }
    }

    /// On the loop.
    void callbacksBegin() {
        calling++;
    }

    /// From any thread.
    void callbacksEnded() {
        post(() -> {
            calling--;
            endIfIdle();
        });
    }

    /// On the loop, when an event has had its effects.
    void endIfIdle() {
        if (closed && busy.isEmpty() && calling == 0) {
            allIdle.complete(null);
            loop.shutdown();
        }
    }

    /// Gives all locks back, for five seconds at most; later [NamedLock#lock] returns false. What
    /// was accepted before still ends in its finally-callbacks.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        post(() -> {
            tell(new LockEvent.Unlock());
            endIfIdle();
        });
        if (Thread.currentThread().equals(loopThread)) {
            return;
        }
        try {
            allIdle.get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException _) {
            // Servers that do not answer, or callbacks that do not return.
            post(() -> tell(new LockEvent.Abandoned()));
        }
    }

    private void tell(LockEvent event) {
        new ArrayList<>(busy).forEach(lock -> lock.on(event));
    }
}
