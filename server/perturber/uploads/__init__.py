"""What users bring: own objects, backgrounds and pictures, parsed behind limits, kept by content."""
