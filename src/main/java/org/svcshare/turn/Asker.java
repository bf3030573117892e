package org.svcshare.turn;

/// Who gave a command, and where. The adapter has checked that this person may give it.
///
/// @param direct whether it came as a private message; answers go back the same way
public record Asker(String nick, boolean direct) {}
