title = Clinic hours
day = On which day will you come?
weekday = Monday to Friday
weekend = Saturday or Sunday
exit = Exit
open = The clinic is open from 8 to 4.
closed = The clinic is closed. In an emergency call the hospital.
bye = Thank you. Goodbye.
