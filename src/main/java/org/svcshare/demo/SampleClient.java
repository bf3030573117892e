package org.svcshare.demo;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.client.ClientException;
import org.svcshare.client.ClientProgram;
import org.svcshare.turn.QueueSnapshot;

/// A download client for the demonstration: its queue fills with jobs at random, and drains through
/// the gate of its bot.
final class SampleClient implements ClientProgram {
    private static final long MB = 1024 * 1024;
    private static final long WAIT_NANOS = 50_000_000L;
    private static final long JOB_CHANCE_MS = 12_000;

    private final IntSupplier gatePort;
    private final RandomGenerator random;
    private final Deque<Long> jobBytes = new ArrayDeque<>();
    private boolean paused = true;
    private boolean closed;
    private long loadedBytes;
    private long speedBps;
    private long nextJobAtMs;
    private @Nullable Socket connection;

    /// @param gatePort where the gate listens; asked before each connection
    SampleClient(IntSupplier gatePort, RandomGenerator random) {
        this.gatePort = gatePort;
        this.random = random;
        this.nextJobAtMs = System.currentTimeMillis() + random.nextLong(3_000);
        Thread.ofVirtual().name("sample-client").start(this::work);
    }

    @Override
    public Probe probe() {
        return new Probe("sample client", "1");
    }

    @Override
    public synchronized QueueSnapshot snapshot() {
        double currentMb = jobBytes.isEmpty() ? 0 : (double) jobBytes.getFirst() / MB;
        double allMb = jobBytes.stream().mapToLong(Long::longValue).sum() / (double) MB;
        return new QueueSnapshot(
                currentMb,
                Math.max(0, allMb - currentMb),
                Math.max(0, jobBytes.size() - 1),
                paused ? 0 : speedBps,
                paused,
                0);
    }

    @Override
    public synchronized void pause() {
        paused = true;
    }

    @Override
    public synchronized void resume() {
        paused = false;
    }

    /// Takes sizes in MB.
    @Override
    public synchronized List<String> enqueue(List<String> ids) throws ClientException {
        for (String id : ids) {
            if (!id.matches("[1-9][0-9]{0,3}")) {
                throw new ClientException(
                        ClientException.Kind.REJECTED, "a job is a number of MB, not " + id);
            }
        }
        ids.forEach(id -> jobBytes.add(Long.parseLong(id) * MB));
        return ids;
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException {
        throw new ClientException(
                ClientException.Kind.UNSUPPORTED, "the sample client has no speed limit");
    }

    synchronized long loadedBytes() {
        return loadedBytes;
    }

    private void work() {
        byte[] buffer = new byte[64 * 1024];
        while (isOpen()) {
            fill();
            long job = nextJob();
            if (job == 0) {
                LockSupport.parkNanos(WAIT_NANOS);
                continue;
            }
            try {
                load(job, buffer);
            } catch (IOException e) {
                // The gate is shut, or was shut under way: what is missing stays in the queue.
                LockSupport.parkNanos(WAIT_NANOS);
            } finally {
                disconnect();
            }
        }
    }

    private synchronized boolean isOpen() {
        return !closed;
    }

    private synchronized void fill() {
        long nowMs = System.currentTimeMillis();
        if (nowMs >= nextJobAtMs) {
            nextJobAtMs = nowMs + JOB_CHANCE_MS / 2 + random.nextLong(JOB_CHANCE_MS);
            jobBytes.add((4 + random.nextLong(36)) * MB);
        }
    }

    private synchronized long nextJob() {
        return paused || jobBytes.isEmpty() ? 0 : jobBytes.getFirst();
    }

    private void load(long sizeBytes, byte[] buffer) throws IOException {
        var socket = new Socket();
        synchronized (this) {
            connection = socket;
        }
        socket.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), gatePort.getAsInt()),
                1_000);
        new DataOutputStream(socket.getOutputStream()).writeLong(sizeBytes);
        InputStream in = socket.getInputStream();
        long began = System.nanoTime();
        long got = 0;
        while (got < sizeBytes) {
            int length = in.read(buffer);
            if (length < 0) {
                throw new IOException("the service hung up");
            }
            got += length;
            loaded(length, got * 1_000_000_000L / Math.max(1, System.nanoTime() - began));
            if (nextJob() == 0 && got < sizeBytes) {
                return;
            }
        }
    }

    private synchronized void loaded(int length, long speed) {
        loadedBytes += length;
        speedBps = speed;
        long left = jobBytes.removeFirst() - length;
        if (left > 0) {
            jobBytes.addFirst(left);
        }
    }

    private synchronized void disconnect() {
        speedBps = 0;
        if (connection != null) {
            try {
                connection.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            connection = null;
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        disconnect();
    }
}
