"""The authors' TensorFlow 1 checkpoints and the golden check."""
