/// Runs one [org.svcshare.turn.TurnKeeper]: feeds it events, carries out its effects, owns its
/// timers and its thread.
@NullMarked
package org.svcshare.bot;

import org.jspecify.annotations.NullMarked;
