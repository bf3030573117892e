package org.svcshare.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.svcshare.bot.StateFolder;
import org.svcshare.client.PausedItems;

/// Which items of the client program this bot stopped, kept in the state folder.
///
/// @param state where
record KeptItems(StateFolder state) implements PausedItems {

    @Override
    public Set<String> load() {
        return state.loadPaused();
    }

    @Override
    public void save(Set<String> ids) {
        try {
            state.savePaused(ids);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep which items were paused", e);
        }
    }
}
