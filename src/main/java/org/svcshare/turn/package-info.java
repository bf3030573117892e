/// Whose turn it is: elections, policies, force, halt, yield, peers. Pure: events, time and chance
/// come in, effects go out, in order.
@NullMarked
package org.svcshare.turn;

import org.jspecify.annotations.NullMarked;
