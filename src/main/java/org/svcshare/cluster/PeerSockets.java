package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.apache.ratis.conf.Parameters;

/// How nodes of a group connect: both ends of a group must do it in the same way. [PeerTls] looks
/// at certificates.
public interface PeerSockets {
    /// @return a bound listener, for handing operations over
    ServerSocket listen(InetSocketAddress at) throws IOException;

    /// Makes sure of who called, before anything is read; on a thread of that connection's own.
    ///
    /// @throws IOException when nobody is let in there; why is in the log
    void letIn(Socket caller) throws IOException;

    /// @return a connection to hand operations over by, within `timeoutMs`
    Socket connect(InetSocketAddress to, int timeoutMs) throws IOException;

    /// What Ratis has to know to make its own connections in the same way.
    Parameters ofRatis();

    /// Takes what its files have by now, for connections from then on; called every few seconds.
    /// May read files.
    default void lookAgain() {}

    /// How many connections were ended so far since the other was not believed to be of the group.
    long refused();

    /// Neither secret nor sure of the other: for loopback and trusted networks.
    static PeerSockets plain() {
        return new PlainSockets();
    }
}
