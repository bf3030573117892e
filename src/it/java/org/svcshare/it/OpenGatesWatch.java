package org.svcshare.it;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Looks all the time how many gates are open, and remembers when more than one was.
///
/// Two of ours may never be open together. An old bot opens in the moment in which it says so, so
/// the other may stay open until it has heard it.
final class OpenGatesWatch implements AutoCloseable {
    private static final Duration HEARD = Duration.ofSeconds(3);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Map<Integer, String> ours = new LinkedHashMap<>();
    private final Map<String, BooleanSupplier> old;
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closing;

    OpenGatesWatch(List<BotFolder> bots, Map<String, BooleanSupplier> old) {
        bots.forEach(bot -> ours.put(bot.gatePort, bot.nick));
        this.old = Map.copyOf(old);
        thread = Thread.ofPlatform().name("open gates").daemon().start(this::look);
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    private void look() {
        Instant since = Instant.MAX;
        Set<String> before = Set.of();
        while (!closing) {
            var open = new HashSet<String>();
            OpenPorts.of(ours.keySet()).forEach(port -> open.add(ours.get(port)));
            if (open.size() > 1) {
                violations.add(Instant.now() + " " + open);
            }
            old.forEach((nick, isOpen) -> {
                if (isOpen.getAsBoolean()) {
                    open.add(nick);
                }
            });
            Instant now = Instant.now();
            if (open.size() < 2 || !open.equals(before)) {
                since = now;
            } else if (Duration.between(since, now).compareTo(HEARD) > 0) {
                violations.add(now + " for long: " + new ArrayList<>(open));
                since = now;
            }
            before = open;
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
