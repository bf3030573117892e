package org.svcshare.demo;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The scarce service of the demonstration: asked for a number of bytes (eight octets, big endian),
/// it streams that many, at a fixed speed.
final class SampleService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SampleService.class);
    private static final int BLOCK_BYTES = 64 * 1024;

    private final ServerSocket listener;
    private final long bytesPerSecond;

    SampleService(long bytesPerSecond) throws IOException {
        this.bytesPerSecond = bytesPerSecond;
        listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("sample-service").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                LOG.debug("closed, or one client's trouble", e);
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var in = new DataInputStream(connection.getInputStream());
            var out = new BufferedOutputStream(connection.getOutputStream(), BLOCK_BYTES);
            while (true) {
                stream(out, in.readLong());
                out.flush();
            }
        } catch (IOException e) {
            LOG.debug("the client went away, or its gate closed", e);
        }
    }

    private void stream(OutputStream out, long sizeBytes) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        long began = System.nanoTime();
        for (long sent = 0; sent < sizeBytes; ) {
            int length = (int) Math.min(BLOCK_BYTES, sizeBytes - sent);
            out.write(block, 0, length);
            sent += length;
            long dueNanos = sent * 1_000_000_000L / bytesPerSecond;
            LockSupport.parkNanos(dueNanos - (System.nanoTime() - began));
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
