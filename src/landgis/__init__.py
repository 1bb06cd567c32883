"""landgis: a GIS toolkit for planners who revitalise stock construction land (盘活存量土地)."""
