package org.svcshare.cluster;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has the certificates of a node looked at again and again. One virtual thread.
final class FileWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(5);

    private final PeerSockets sockets;
    private final Thread thread = Thread.ofVirtual().name("certificates").unstarted(this::run);

    FileWatch(PeerSockets sockets) {
        this.sockets = sockets;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                try {
                    sockets.lookAgain();
                } catch (RuntimeException e) {
                    LOG.error("the certificates of this node cannot be looked at", e);
                }
            }
        } catch (InterruptedException _) {
            LOG.debug("nobody needs the certificates any more");
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
