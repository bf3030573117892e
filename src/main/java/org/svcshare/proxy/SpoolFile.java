package org.svcshare.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// A body on its way to the disk: parts are handed over on an event loop, a virtual thread writes
/// them. The client is made to wait while much is on the way.
final class SpoolFile {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MOST_WAITING_BYTES = 1 << 20;

    private sealed interface Work {
        record Part(ByteBuffer bytes) implements Work {}

        record End(Consumer<Optional<String>> then) implements Work {}

        record Remove() implements Work {}
    }

    private final Spool spool;
    private final EventLoop loop;
    private final Consumer<Boolean> reading;
    private final String name;
    private final LinkedBlockingQueue<Work> work = new LinkedBlockingQueue<>();
    private int waitingBytes;
    private boolean stopped;

    /// @param reading told whether more may be read from the client
    SpoolFile(Spool spool, EventLoop loop, Consumer<Boolean> reading) {
        this.spool = spool;
        this.loop = loop;
        this.reading = reading;
        byte[] drawn = new byte[16];
        RANDOM.nextBytes(drawn);
        name = HexFormat.of().formatHex(drawn);
        Thread.ofVirtual().name("replica spool").start(this::run);
    }

    String name() {
        return name;
    }

    /// @param part owned, not pooled
    void add(ByteBuf part) {
        ByteBuffer bytes = part.nioBuffer();
        waitingBytes += bytes.remaining();
        work.add(new Work.Part(bytes));
        if (waitingBytes > MOST_WAITING_BYTES && !stopped) {
            stopped = true;
            reading.accept(false);
        }
    }

    /// @param then gets what went wrong, on the event loop, when all is on the disk
    void end(Consumer<Optional<String>> then) {
        work.add(new Work.End(then));
    }

    void remove() {
        work.add(new Work.Remove());
    }

    private void written(int bytes) {
        waitingBytes -= bytes;
        if (stopped && waitingBytes < MOST_WAITING_BYTES / 2) {
            stopped = false;
            reading.accept(true);
        }
    }

    private void run() {
        boolean over = false;
        try (FileChannel file = spool.create(name)) {
            while (!over) {
                switch (work.take()) {
                    case Work.Part(ByteBuffer bytes) -> {
                        int length = bytes.remaining();
                        while (bytes.hasRemaining()) {
                            file.write(bytes);
                        }
                        loop.execute(() -> written(length));
                    }
                    case Work.End(Consumer<Optional<String>> then) -> {
                        file.force(true);
                        spool.forceFolder();
                        loop.execute(() -> then.accept(Optional.empty()));
                        over = true;
                    }
                    case Work.Remove() -> {
                        spool.remove(name);
                        over = true;
                    }
                }
            }
        } catch (IOException e) {
            failed("the disk does not take it: " + e.getMessage());
        } catch (InterruptedException _) {
            failed("interrupted");
        }
    }

    /// What comes is thrown away; who ends it hears why.
    private void failed(String why) {
        try {
            for (boolean over = false; !over; ) {
                switch (work.take()) {
                    case Work.Part(ByteBuffer bytes) -> {
                        int length = bytes.remaining();
                        loop.execute(() -> written(length));
                    }
                    case Work.End(Consumer<Optional<String>> then) -> {
                        spool.remove(name);
                        loop.execute(() -> then.accept(Optional.of(why)));
                        over = true;
                    }
                    case Work.Remove() -> {
                        spool.remove(name);
                        over = true;
                    }
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
