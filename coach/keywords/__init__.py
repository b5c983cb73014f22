"""The keywords room: which key-phrases a leg said, and nothing else that was said."""
