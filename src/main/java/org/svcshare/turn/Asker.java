package org.svcshare.turn;

/// Who gave a command, and where. The adapter has checked that this person may give it.
///
/// @param direct whether it came as a private message; answers go back the same way
/// @param account the network's own name for this person; empty when not logged in or not known
public record Asker(String nick, boolean direct, String account) {
    /// Somebody who is not logged in.
    public Asker(String nick, boolean direct) {
        this(nick, direct, "");
    }

    /// What stays the same when the nick changes, if anything does.
    public String name() {
        return account.isEmpty() ? nick : account;
    }
}
