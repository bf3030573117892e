package org.svcshare.gossip;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.DiagnosticsHandler;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.SocketFactory;
import org.svcshare.config.GossipSettings;

/// The protocols under a group, bottom first, with times that fit a few hundred members.
///
/// A member whose process ends is noticed by its connections, which end with it; one that is
/// silent, by missing heartbeats. In both cases it is asked once more before it counts as failed.
final class Stack {
    /// One connection and no second port: TCP tells when a connection ends, so that no protocol
    /// with sockets of its own is needed for it.
    private static final String SUSPECT_WHEN_CLOSED = "enable_suspect_events";

    private static final int IN_BYTES = 8 * 1024;

    /// The library takes no less: what it sends together fits in.
    private static final int OUT_BYTES = 64_004;

    private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
    private static final int CONNECT_MS = 1_000;
    private static final int FRAGMENT_BYTES = 60_000;
    private static final long CREDIT_BYTES = 2_000_000;
    private static final long LONGEST_BLOCK_MS = 500;
    private static final long VERIFY_MS = 1_200;
    private static final long JOIN_MS = 1_000;
    private static final long MERGE_MIN_MS = 400;
    private static final long MERGE_MAX_MS = 1_200;

    private Stack() {}

    /// @param sockets bound to `port` already
    /// @throws IOException when the library does not take the settings
    static JChannel build(
            GossipSettings settings,
            MemberAddress member,
            InetAddress listen,
            int port,
            SocketFactory sockets,
            SeedDiscovery seeds,
            Address self)
            throws IOException {
        try {
            var channel =
                    new JChannel(
                            transport(member.at(), listen, port, sockets),
                            seeds,
                            new MERGE3().setMaxInterval(MERGE_MAX_MS).setMinInterval(MERGE_MIN_MS),
                            silence(settings.silentAfter()),
                            new VERIFY_SUSPECT2().setTimeout(VERIFY_MS),
                            new NAKACK2(),
                            new UNICAST3(),
                            new STABLE().setDesiredAverageGossip(30_000).setMaxBytes(4_000_000),
                            new GMS()
                                    .setJoinTimeout(JOIN_MS)
                                    .setLeaveTimeout(1_000)
                                    .setMergeTimeout(2_000)
                                    .setViewAckCollectionTimeout(1_000)
                                    .logViewWarnings(false)
                                    // To the standard output, where nobody asked for it.
                                    .setValue("print_local_addr", false),
                            new UFC().setMaxCredits(CREDIT_BYTES).setMaxBlockTime(LONGEST_BLOCK_MS),
                            new MFC().setMaxCredits(CREDIT_BYTES).setMaxBlockTime(LONGEST_BLOCK_MS),
                            new FRAG4().setFragSize(FRAGMENT_BYTES));
            channel.setName(member.name());
            channel.setDiscardOwnMessages(true);
            channel.addAddressGenerator(() -> self);
            return channel;
        } catch (Exception e) {
            throw new IOException("gossip: " + e.getMessage(), e);
        }
    }

    private static TCP transport(
            IpAddress place, InetAddress listen, int port, SocketFactory sockets) throws Exception {
        var tcp = new AddressedTcp();
        tcp.setBindAddress(listen).setBindPort(port).setPortRange(0);
        tcp.setExternalAddr(place.getIpAddress()).setExternalPort(place.getPort());
        tcp.setSocketFactory(sockets);
        tcp.setBufferedInputStreamSize(IN_BYTES)
                .setBufferedOutputStreamSize(OUT_BYTES)
                .logAcceptError(false);
        tcp.setSockConnTimeout(CONNECT_MS).setMaxLength(MAX_MESSAGE_BYTES).tcpNodelay(true);
        tcp.setValue(SUSPECT_WHEN_CLOSED, true);
        tcp.setValue("log_details", false);
        tcp.setBundlerType("transfer-queue").useVirtualThreads(true);
        // Discarded are strangers to the group, such as members of another one at our port.
        tcp.logDiscardMsgs(false).logDiscardMsgsVersion(false);
        tcp.setDiagnosticsHandler(new DiagnosticsHandler().setEnabled(false));
        return tcp;
    }

    /// Heartbeats four times in the time that a member may be silent, less what the question
    /// afterwards takes.
    private static FD_ALL3 silence(Duration silentAfter) {
        long timeoutMs = Math.max(500, (silentAfter.toMillis() - VERIFY_MS) * 4 / 5);
        return new FD_ALL3().setTimeout(timeoutMs).setInterval(Math.max(100, timeoutMs / 4));
    }
}
