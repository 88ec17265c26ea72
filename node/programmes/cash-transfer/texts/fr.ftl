# Not yet read by a native speaker.
title = Aide aux ménages
exit = Quitter
bye = Merci. Au revoir.
language = Langue - Language - Lugha
yes = Oui
no = Non
female = Femme
male = Homme

menu-register = Inscrire un ménage
menu-language = Langue
given-name = Prénom du chef de ménage ?
family-name = Nom de famille ?
birth-date = Naissance : année comme 1994 ou jour comme 17051994 ?
sex = Sexe ?
phone = Téléphone du ménage ?
no-phone = Pas de tél.
village = Village ?
known = L'un d'eux ?
already = Déjà inscrit : { $who }, numéro { $person }. Rien de neuf.
new-person = Un autre
members = Combien de personnes vivent dans le ménage ?
children = Combien ont moins de 18 ans ?
income = De quoi vit le ménage ?
income-none = Rien de régulier
income-day = Travail journalier
income-farm = Ses champs
income-wage = Un salaire
house = En quoi est le toit ?
house-grass = Herbe ou bache
house-iron = Tole
house-tiles = Tuiles
consent = Le bureau social garde ces données pour décider d'une aide. Le ménage est-il d'accord ?
refused = Rien n'est gardé. Le ménage peut redemander à tout moment.
registered = Inscrit : { $status }
    Numéro { $person }
    Notez-le. Un SMS dira quand il y a du nouveau.

unknown = Ce téléphone n'est pas encore confirmé pour un ménage. Répondez 1 à notre message, ou demandez à un agent de santé.
menu-result = Mon résultat
menu-payout = Mode de paiement
menu-payments = Mes paiements
menu-complain = Me plaindre
menu-appeal = Faire appel
menu-replies = Mes réponses
result = Votre résultat :
no-result = Pas encore de résultat. Un SMS vous préviendra.
payout-kind = Comment voulez-vous etre payé ?
payout-mobile = Argent mobile
payout-desk = Au guichet
payout-number = Quel numéro recoit l'argent ?
payout-kept = C'est gardé. Le bureau le vérifie avant le prochain paiement.
payments = Vos paiements :
no-payment = Pas encore de paiement.
complaint = Qu'est-ce qui ne va pas, en peu de mots ?
appeal = Pourquoi le résultat est-il faux, en peu de mots ?
complained = Merci. Une autre personne l'examine. Un SMS vous préviendra.
replies = Réponses :
no-reply = Pas encore de réponse.
each-line = { $events }

menu-decide = Décider
menu-complaints = Plaintes
menu-appeals = Appels
menu-pay = Paiement fait
households = Quel ménage ?
none = Rien n'est ouvert.
reason = { $household }
reason-eligible = Recoit l'aide
reason-income = Non : revenu élevé
reason-papers = Il manque des papiers
reason-other = Non : autre raison
kept = C'est gardé. Un SMS neutre prévient le ménage.
complaints = Quelle plainte ?
appeals = Quel appel ?
reply = { $open_case }
    Votre réponse ?
payouts = Qui a été payé ?
amount = Combien a été payé ?

household-line = { $day } { $who } : { $members }/{ $children } { $income }, { $house }
decision-line = { $day } : { $reason }
payout-line = { $day } { $who } : { $payout_kind }
payment-line = { $day } : { $amount }
complaint-line = { $day } { $who } : { $complaint }
reply-line = { $day } : { $reply }
news = Il y a du nouveau pour vous. Composez le code du service.
payout-changed = Votre dossier a été changé aujourd'hui. Pas vous ? Parlez-en à un agent de santé.
event-household = Ménage
event-decision = Résultat
event-payout = Mode de paiement
event-payment = Paiement
event-complaint = Plainte
event-appeal = Appel
event-reply = Réponse

menu-household = Personnes du ménage
home = Numéro d'une personne du ménage ?
no-home = Cette personne n'est dans aucun ménage ici. Inscrivez d'abord le ménage.
home-menu = Ménage de { $who } : { $members_total }
menu-see = Les voir
menu-new = Ajouter quelqu'un
menu-known = Ajouter par numéro
menu-leave = Retirer
see = Dans le ménage :
each-member = { $members }
new-given-name = Prénom de la personne ?
member-role = Qui est cette personne dans le ménage ?
role-spouse = Epoux ou épouse
role-child = Enfant
role-other = Autre membre
role-head = Chef désormais
member-consent = Le bureau social garde ces données pour décider de l'aide. D'accord (un parent pour un enfant) ?
member-refused = Rien n'est enregistré sur cette personne.
new-joined = Ajouté : { $status }
    Numéro { $person }
    Veuillez le noter.
newcomer = Numéro de la personne qui arrive ?
joined = { $who } vit maintenant dans ce ménage.
leaver = Qui est parti ?
left = { $who } n'est plus dans ce ménage.
event-member = Membre du ménage

form-complaint = Plainte
