package org.svcshare.ircd;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a listener's failure away from the server.
final class CarefulListener implements IrcdListener {
    private static final Logger LOG = LoggerFactory.getLogger(CarefulListener.class);

    private final IrcdListener listener;
    private boolean reported;

    CarefulListener(IrcdListener listener) {
        this.listener = listener;
    }

    @Override
    public void said(String channel, String nick, String text) {
        tell(() -> listener.said(channel, nick, text));
    }

    @Override
    public void noticed(String channel, String nick, String text) {
        tell(() -> listener.noticed(channel, nick, text));
    }

    @Override
    public void joined(String channel, String nick) {
        tell(() -> listener.joined(channel, nick));
    }

    @Override
    public void left(String channel, String nick, String why) {
        tell(() -> listener.left(channel, nick, why));
    }

    @Override
    public void renamed(String nick, String newNick) {
        tell(() -> listener.renamed(nick, newNick));
    }

    @Override
    public void topicChanged(String channel, String nick, String topic) {
        tell(() -> listener.topicChanged(channel, nick, topic));
    }

    private void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException e) {
            if (!reported) {
                reported = true;
                LOG.warn("a listener to the IRC server failed; told once", e);
            }
        }
    }
}
