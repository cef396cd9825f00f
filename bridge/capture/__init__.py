"""What goes over the wire about a call, without secrets, into the journal: SIP of both legs, LiveVox's REST."""
