"""What holds for everything the server answers, whoever made the answer."""
