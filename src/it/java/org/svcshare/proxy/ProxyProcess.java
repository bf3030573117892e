package org.svcshare.proxy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ReplicaSettings.Durability;
import org.svcshare.replica.NodeAddress;

/// A proxy as a process of its own, so that it can be killed and its memory be looked at.
public final class ProxyProcess implements AutoCloseable {
    private static final String LISTENS = "listens on port ";
    private static final String HEAP = "heap ";

    private final Process process;
    private final BufferedReader out;
    private final Path errors;
    private final Endpoint at;

    private ProxyProcess(Process process, Path errors) throws IOException {
        this.process = process;
        this.errors = errors;
        out = process.inputReader(StandardCharsets.UTF_8);
        at = new Endpoint("127.0.0.1", Integer.parseInt(expect(LISTENS)));
    }

    /// Returns when it listens.
    ///
    /// @param folder where writes are kept
    /// @param port 0 takes a free one
    static ProxyProcess start(
            Path folder,
            int port,
            Durability durability,
            int inFlight,
            List<NodeAddress> nodes,
            String... javaOptions)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of(javaOptions));
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        ProxyProcess.class.getName(),
                        folder.toString(),
                        Integer.toString(port),
                        durability.name(),
                        Integer.toString(inFlight)));
        nodes.forEach(node -> command.add(Integer.toString(node.port())));
        Path errors = folder.resolveSibling(folder.getFileName() + ".err");
        return new ProxyProcess(
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                        .start(),
                errors);
    }

    private String expect(String begin) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(begin)) {
                return line.substring(begin.length());
            }
        }
        throw new IOException("the proxy has ended: " + errors());
    }

    /// What it printed about troubles so far.
    String errors() throws IOException {
        List<String> lines = Files.readAllLines(errors);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    Endpoint at() {
        return at;
    }

    /// Bytes of its heap that are in use after a collection.
    long heapUsed() throws IOException {
        process.outputWriter().write("\n");
        process.outputWriter().flush();
        return Long.parseLong(expect(HEAP));
    }

    /// SIGKILL, and waits until it is gone.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends with its standard input; each line that comes there asks for the heap.
    ///
    /// @param arguments folder, port, durability, writes in flight, ports of nodes
    public static void main(String[] arguments) throws Exception {
        var settings =
                new ProxySettings()
                        .port(Integer.parseInt(arguments[1]))
                        .durability(Durability.valueOf(arguments[2]))
                        .inFlight(Integer.parseInt(arguments[3]))
                        .with(
                                Path.of(arguments[0]),
                                Stream.of(arguments)
                                        .skip(4)
                                        .map(port ->
                                                Copies.node(
                                                        new NodeAddress(
                                                                "127.0.0.1",
                                                                Integer.parseInt(port))))
                                        .toList());
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (var proxy = ReplicaProxy.start(settings)) {
            out.println(LISTENS + proxy.listening().port());
            while (in.readLine() != null) {
                var memory = ManagementFactory.getMemoryMXBean();
                memory.gc();
                out.println(HEAP + memory.getHeapMemoryUsage().getUsed());
            }
        }
    }
}
