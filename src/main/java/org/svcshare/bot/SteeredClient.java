package org.svcshare.bot;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.client.ClientException;
import org.svcshare.client.ClientProgram;
import org.svcshare.turn.Asker;
import org.svcshare.turn.TurnEvent;

/// Talks to the client program for a bot: one call at a time on a virtual thread, answers as
/// events.
final class SteeredClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SteeredClient.class);

    private final ClientProgram client;
    private final Consumer<TurnEvent> events;
    private final ExecutorService calls =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("client-").factory());
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile String told = "";

    SteeredClient(ClientProgram client, Consumer<TurnEvent> events) {
        this.client = client;
        this.events = events;
    }

    /// Asks for the queue, unless that is being done.
    void ask() {
        if (client.asked() && asking.compareAndSet(false, true)) {
            submit(() -> {
                asking.set(false);
                events.accept(snapshot());
            });
        }
    }

    private TurnEvent snapshot() throws InterruptedException {
        try {
            return new TurnEvent.ClientSeen(client.snapshot());
        } catch (ClientException e) {
            return new TurnEvent.ClientLost(String.valueOf(e.getMessage()));
        }
    }

    void pause() {
        steer(true);
    }

    void resume() {
        steer(false);
    }

    private void steer(boolean pause) {
        submit(() -> {
            try {
                if (pause) {
                    client.pause();
                } else {
                    client.resume();
                }
                told = "";
                events.accept(new TurnEvent.ClientSteered(pause, true, ""));
            } catch (ClientException e) {
                if (client.asked() || e.kind() != ClientException.Kind.UNSUPPORTED) {
                    tellOnce((pause ? "pause: " : "resume: ") + e.getMessage());
                }
                events.accept(
                        new TurnEvent.ClientSteered(pause, false, String.valueOf(e.getMessage())));
            }
        });
    }

    /// The keeper tries again for as long as need be; people need not read each time why.
    private void tellOnce(String why) {
        if (!why.equals(told)) {
            told = why;
            LOG.warn("the client program does not {}", why);
        }
    }

    void enqueue(Asker asker, List<String> ids) {
        submit(() -> {
            try {
                List<String> taken = client.enqueue(ids);
                events.accept(new TurnEvent.Enqueued(asker, taken, ""));
            } catch (ClientException e) {
                LOG.warn("cannot enqueue: {}", e.getMessage());
                events.accept(
                        new TurnEvent.Enqueued(asker, List.of(), String.valueOf(e.getMessage())));
            }
        });
    }

    private interface Call {
        void run() throws InterruptedException;
    }

    private void submit(Call call) {
        try {
            calls.execute(() -> {
                try {
                    call.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    LOG.error("the client program's adapter failed", e);
                    events.accept(new TurnEvent.ClientLost(e.toString()));
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("closed already", e);
        }
    }

    /// Waits for what was asked, at most `limit`.
    void finish(Duration limit) {
        calls.shutdown();
        try {
            if (!calls.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                calls.shutdownNow();
            }
        } catch (InterruptedException e) {
            calls.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        calls.shutdownNow();
        client.close();
    }
}
