package org.svcshare.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.svcshare.lock.Answer;
import org.svcshare.lock.Ask;
import org.svcshare.lock.HeldLock;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.LockId;

/// `svcshare lock POOL -- COMMAND`: takes the lock, runs the command, gives the lock back.
final class LockRun {
    private static final Duration GIVING_BACK = Duration.ofSeconds(5);
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private final LockWords words;
    private final Surroundings surroundings;
    private final Inbox inbox;

    LockRun(LockWords words, Surroundings surroundings, Inbox inbox) {
        this.words = words;
        this.surroundings = surroundings;
        this.inbox = inbox;
    }

    int run() throws InterruptedException {
        LockClient client;
        try {
            client = PoolAccess.client(words.servers(), surroundings);
        } catch (PoolAccess.Unfit e) {
            say(String.valueOf(e.getMessage()));
            return ExitCode.CONFIGURATION;
        }
        int runnable = runnable(words.command(), surroundings);
        if (runnable != ExitCode.OK) {
            return runnable;
        }
        inbox.catchSignals();
        long began = System.nanoTime();
        if (!words.local()) {
            return remotely(client, words.waits());
        }
        try {
            Optional<LocalLock> local =
                    LocalLock.waiting(words.pool(), words.waits(), surroundings, inbox);
            if (local.isEmpty()) {
                return inbox.first()
                        .map(signal -> ExitCode.SIGNAL + signal.number())
                        .orElseGet(() -> notObtained("another command on this machine has it"));
            }
            try (var _ = local.get()) {
                Duration left = words.waits().minusNanos(System.nanoTime() - began);
                return remotely(client, left.isNegative() ? Duration.ZERO : left);
            }
        } catch (IOException e) {
            say("no local lock: " + e);
            return ExitCode.UNAVAILABLE;
        }
    }

    private int remotely(LockClient client, Duration waits) throws InterruptedException {
        var ask =
                new Ask(
                        LockId.draw(),
                        words.pool(),
                        words.holder(),
                        words.reason().isEmpty() ? reason() : words.reason(),
                        words.mode(),
                        waits,
                        words.ttl(),
                        words.grace());
        Answer answer = client.acquire(ask, inbox.stop());
        if (!(answer instanceof Answer.Held(HeldLock lock))) {
            return failed(answer);
        }
        var renewals =
                new Renewals(client, lock, words.ttl(), () -> inbox.put(new RunEvent.Woken()));
        int code = ExitCode.FAILED;
        try (renewals) {
            code = command(renewals);
        } finally {
            if (code != ExitCode.LOST) {
                giveBack(client, renewals.lock());
            }
        }
        return code;
    }

    private int command(Renewals renewals) throws InterruptedException {
        if (inbox.first().isPresent()) {
            return ExitCode.SIGNAL + inbox.first().get().number();
        }
        try {
            var group =
                    CommandGroup.start(words.command(), environment(renewals.lock()), surroundings);
            return new Supervisor(group, inbox, Optional.of(renewals), words.grace(), this::say)
                    .run();
        } catch (IOException e) {
            say(String.valueOf(e.getMessage()));
            return ExitCode.NOT_RUNNABLE;
        }
    }

    private void giveBack(LockClient client, HeldLock lock) {
        Answer.Release release = client.release(lock.pool(), lock.id(), GIVING_BACK);
        if (release instanceof Answer.Release.Done) {
            // As nearly always; a switch over types takes 10 ms to begin.
            return;
        }
        switch (release) {
            case Answer.Release.Done _, Answer.Release.Gone _ -> {}
            case Answer.Refused(_, String why) -> notGivenBack(lock, why);
            case Answer.Unreachable(String why) -> notGivenBack(lock, why);
            case Answer.PerhapsDone(String why) -> notGivenBack(lock, why);
        }
    }

    private void notGivenBack(HeldLock lock, String why) {
        say(
                "could not give the lock back ("
                        + why
                        + "); "
                        + (lock.hasEnd()
                                ? "it ends by itself at " + lock.until()
                                : "it stays until an operator ends ticket " + lock.ticket()));
    }

    private int failed(Answer answer) {
        if (inbox.first().isPresent()) {
            return ExitCode.SIGNAL + inbox.first().get().number();
        }
        int code = PoolAccess.code(answer, words.conflictCode());
        if (answer instanceof Answer.Refused && code == words.conflictCode()) {
            return notObtained(PoolAccess.words(answer));
        }
        say(PoolAccess.words(answer));
        return code;
    }

    private int notObtained(String why) {
        if (!words.quiet()) {
            say("no lock on " + words.pool() + ": " + why);
        }
        return words.conflictCode();
    }

    private static Map<String, String> environment(HeldLock lock) {
        return Map.of(
                "SVCSHARE_LOCK_POOL", lock.pool(),
                "SVCSHARE_LOCK_TOKEN", lock.id().text(),
                "SVCSHARE_LOCK_FENCE", Long.toString(lock.fence()),
                "SVCSHARE_LOCK_EXPIRES", lock.hasEnd() ? lock.until().toString() : "");
    }

    /// Who and what it is, for people who wait. Not the command's words: there may be secrets.
    private String reason() {
        Path name = Path.of(words.command().getFirst()).getFileName();
        return surroundings.user()
                + "@"
                + hostName(surroundings)
                + " runs "
                + (name == null ? "a command" : name);
    }

    static String hostName(Surroundings surroundings) {
        try {
            return Files.readString(HOST_NAME).strip();
        } catch (IOException _) {
            String variable = surroundings.variable("HOSTNAME");
            return variable.isEmpty() ? "localhost" : variable;
        }
    }

    /// Tells before there is a lock that the command could not be run.
    static int runnable(List<String> command, Surroundings surroundings) {
        String name = command.getFirst();
        Optional<Path> file = CommandGroup.find(name, surroundings);
        if (file.isEmpty()) {
            surroundings.err().println("svcshare: " + name + ": no such command");
            return ExitCode.NOT_FOUND;
        }
        if (!Files.isExecutable(file.get())) {
            surroundings.err().println("svcshare: " + name + ": may not be run");
            return ExitCode.NOT_RUNNABLE;
        }
        return ExitCode.OK;
    }

    private void say(String message) {
        surroundings.err().println("svcshare: " + message);
    }
}
