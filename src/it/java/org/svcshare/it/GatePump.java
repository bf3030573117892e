package org.svcshare.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Sends bytes through one gate all the time, and tells in which order the services behind gates
/// heard something.
final class GatePump implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    final EchoService service;
    private final AtomicLong heard = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();
    private volatile int gatePort;
    private volatile Socket connection = new Socket();
    private volatile boolean closing;

    /// @param order gets `name` whenever this gate's service hears something and another one was
    ///   the last to
    GatePump(String name, List<String> order) {
        service =
                new EchoService(() -> {
                    heard.incrementAndGet();
                    synchronized (order) {
                        if (order.isEmpty() || !order.getLast().equals(name)) {
                            order.add(name);
                        }
                    }
                });
    }

    void start(BotFolder bot) {
        gatePort = bot.gatePort;
        Thread.ofPlatform().name("pump " + bot.nick).daemon().start(this::pump);
    }

    /// How often the service behind the gate has heard something.
    long heard() {
        return heard.get();
    }

    /// How many connections were cut that had passed something.
    long cut() {
        return cut.get();
    }

    private void pump() {
        while (!closing) {
            long passed = 0;
            try (var through = new Socket(InetAddress.getLoopbackAddress(), gatePort)) {
                connection = through;
                while (!closing) {
                    through.getOutputStream().write('x');
                    if (through.getInputStream().read() < 0) {
                        break;
                    }
                    passed++;
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (IOException _) {
                // Refused or reset: the gate is closed.
            }
            if (passed > 0) {
                cut.incrementAndGet();
            }
            LockSupport.parkNanos(REST_NANOS);
        }
    }

    @Override
    public void close() throws IOException {
        closing = true;
        connection.close();
        service.close();
    }
}
