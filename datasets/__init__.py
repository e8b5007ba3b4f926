"""From files to records to batches of images and keypoints."""
