package org.svcshare.ircd;

/// MODE on oneself: `i` hides from lists of strangers, `B` marks a bot (IRCv3 bot mode).
final class UserModes {
    static final String LETTERS = "Bi";

    private final World world;
    private final Outbox out;

    UserModes(World world, Outbox out) {
        this.world = world;
        this.out = out;
    }

    void mode(Client client, IrcLine line) {
        Client target = world.person(line.param(0));
        if (target == null) {
            out.reply(client, Numeric.ERR_NOSUCHNICK, line.param(0));
        } else if (target != client) {
            out.reply(client, Numeric.ERR_USERSDONTMATCH);
        } else if (line.has(1)) {
            change(client, line.param(1));
        } else {
            String set = letters(client.bot, client.invisible);
            out.reply(client, Numeric.RPL_UMODEIS, "+" + set);
        }
    }

    private void change(Client client, String letters) {
        boolean wasBot = client.bot;
        boolean wasInvisible = client.invisible;
        boolean on = true;
        boolean unknown = false;
        for (int i = 0; i < letters.length(); i++) {
            switch (letters.charAt(i)) {
                case '+' -> on = true;
                case '-' -> on = false;
                case 'B' -> client.bot = on;
                case 'i' -> client.invisible = on;
                default -> unknown = true;
            }
        }
        if (unknown) {
            out.reply(client, Numeric.ERR_UMODEUNKNOWNFLAG);
        }
        String set = letters(client.bot && !wasBot, client.invisible && !wasInvisible);
        String cleared = letters(!client.bot && wasBot, !client.invisible && wasInvisible);
        String changes =
                (set.isEmpty() ? "" : "+" + set) + (cleared.isEmpty() ? "" : "-" + cleared);
        if (!changes.isEmpty()) {
            out.send(client, Message.by(client, "MODE", client.nick, changes));
        }
    }

    private static String letters(boolean bot, boolean invisible) {
        return (bot ? "B" : "") + (invisible ? "i" : "");
    }
}
