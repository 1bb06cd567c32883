"""What reaches the meeting room: sheets, atlas, web page, ledger, brief."""
