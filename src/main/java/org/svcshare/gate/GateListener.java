package org.svcshare.gate;

/// Told by a gate's own threads; must return at once.
public interface GateListener {

    /// A connection began or ended.
    void connectionsChanged();

    /// Somebody tried to connect while the gate was closed.
    void knocked();

    /// No target could be reached for a connection, or its TLS did not verify.
    ///
    /// @param why for people, names the target
    void targetFailed(String why);

    /// The moment was reached until which the gate was opened: it is closing by itself.
    void lapsed();
}
