package org.svcshare.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.config.ClientSettings.ExecSettings;
import org.svcshare.turn.QueueSnapshot;

/// A program that svcshare has never heard of, steered by commands of the user's own. They are
/// lists of arguments and see no shell; an exit other than 0 is a refusal.
final class Exec implements ClientProgram {
    private static final int MOST_OUTPUT_BYTES = 64 * 1024;
    private static final int LOOK_AGAIN_MS = 10;

    private final ExecSettings commands;
    private final Duration timeout;

    /// What we last asked for: a queue that is a plain number does not tell.
    private boolean paused;

    Exec(ExecSettings commands, Duration timeout) {
        this.commands = commands;
        this.timeout = timeout;
    }

    @Override
    public Probe probe() throws ClientException, InterruptedException {
        if (asked()) {
            run("queue", commands.queue());
        }
        return new Probe("exec", "");
    }

    @Override
    public boolean asked() {
        return !commands.queue().isEmpty();
    }

    @Override
    public QueueSnapshot snapshot() throws ClientException, InterruptedException {
        if (!asked()) {
            return QueueSnapshot.EMPTY;
        }
        String printed = run("queue", commands.queue()).strip();
        String where = "client.exec.queue";
        if (printed.isEmpty()) {
            throw new ClientException(
                    Kind.MALFORMED,
                    where + ": it printed nothing; expected a number of MB or a JSON object");
        }
        Fields json = Fields.parse(quoted(printed), where);
        if (!json.node().isObject()) {
            return new QueueSnapshot(json.asNumber(), 0, 0, 0, paused, 0);
        }
        return new QueueSnapshot(
                json.number("currentMb"),
                json.numberIfAny("restMb").orElse(0),
                (int) json.numberIfAny("items").orElse(0),
                (long) json.numberIfAny("speedBps").orElse(0),
                json.has("paused") ? json.flag("paused") : paused,
                json.numberIfAny("forcedMb").orElse(0));
    }

    /// What is no JSON object is taken for a number in words of its own, such as `012.5`.
    private static String quoted(String printed) {
        return printed.startsWith("{")
                ? printed
                : Fields.JSON.getNodeFactory().stringNode(printed).toString();
    }

    @Override
    public void pause() throws ClientException, InterruptedException {
        run("pause", commands.pause());
        paused = true;
    }

    @Override
    public void resume() throws ClientException, InterruptedException {
        run("resume", commands.resume());
        paused = false;
    }

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException, InterruptedException {
        return Ids.each(
                ids,
                id -> {
                    if (id.startsWith("-")) {
                        throw new ClientException(
                                Kind.REJECTED,
                                "\"" + Texts.excerpt(id) + "\" would be taken for an option");
                    }
                    var command = new ArrayList<>(commands.enqueue());
                    if (!command.isEmpty()) {
                        command.add(id);
                    }
                    run("enqueue", command);
                    return id;
                });
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException {
        throw new ClientException(Kind.UNSUPPORTED, "client.exec has no command to limit a speed");
    }

    /// @return what it printed
    private String run(String name, List<String> command)
            throws ClientException, InterruptedException {
        String where = "client.exec." + name;
        if (command.isEmpty()) {
            throw new ClientException(Kind.UNSUPPORTED, where + " is not set");
        }
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw new ClientException(
                    Kind.UNREACHABLE,
                    where + ": " + command.getFirst() + " cannot be started; is it there?",
                    e);
        }
        try {
            var printed = new ByteArrayOutputStream();
            var complained = new ByteArrayOutputStream();
            process.getOutputStream().close();
            await(where, process, printed, complained);
            if (process.exitValue() != 0) {
                throw new ClientException(
                        Kind.REJECTED,
                        where + ": exit " + process.exitValue() + firstLine(complained));
            }
            return printed.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ClientException(Kind.UNREACHABLE, where + ": its output cannot be read", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /// Looks at both outputs in turn and never waits in one of them: a grandchild that inherited
    /// them may keep them open for ever.
    private void await(
            String where,
            Process process,
            ByteArrayOutputStream printed,
            ByteArrayOutputStream complained)
            throws ClientException, IOException, InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            boolean ended = !process.isAlive();
            int taken = take(process.getInputStream(), printed);
            taken += take(process.getErrorStream(), complained);
            boolean more = taken > 0;
            if (printed.size() > MOST_OUTPUT_BYTES) {
                throw new ClientException(
                        Kind.MALFORMED,
                        where + ": it printed more than " + MOST_OUTPUT_BYTES / 1024 + " KB");
            }
            if (ended && !more) {
                return;
            }
            if (System.nanoTime() - end >= 0) {
                throw new ClientException(
                        Kind.UNREACHABLE,
                        where + ": not done within " + Texts.seconds(timeout) + ", ended");
            }
            if (!more) {
                Thread.sleep(LOOK_AGAIN_MS);
            }
        }
    }

    /// What is over the bound is read and dropped, but for the byte that shows it.
    private static int take(InputStream in, ByteArrayOutputStream out) throws IOException {
        int ready = Math.min(in.available(), MOST_OUTPUT_BYTES);
        if (ready <= 0) {
            return 0;
        }
        byte[] bytes = in.readNBytes(ready);
        out.write(bytes, 0, Math.min(bytes.length, MOST_OUTPUT_BYTES + 1 - out.size()));
        return bytes.length;
    }

    private static String firstLine(ByteArrayOutputStream complained) {
        String text = complained.toString(StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "" : ": " + Texts.excerpt(text.lines().findFirst().orElse(""));
    }

    @Override
    public void close() {}
}
